import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { NoFaults } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import type { Claims, DeliveryStore } from '../delivery/delivery.store.js';
import type { DuePosition } from '../delivery/due.rows.js';
import type { WebhooksSettings } from '../webhooks.options.js';
import { DeliveryWorker } from './delivery.worker.js';
import type { SubscriberLanes } from './subscriber-lanes.js';

const PAGE_ENDS: DuePosition[] = [1, 2].map((day) => ({
  since: new Date(Date.UTC(2026, 0, day)),
  subscriberId: `subscriber-${day}`,
}));

describe('a worker with more due subscribers than one round looks at', () => {
  let isFull = false;
  const lanes = { isFull: () => isFull, allot: () => new Map<string, number>() };
  const claim = jest.fn<DeliveryStore['claim']>();
  const claims = (end: DuePosition | undefined, isUnfinished = false): Promise<Claims> =>
    Promise.resolve({ claimed: [], isUnfinished, end });
  let worker: DeliveryWorker;

  const start = (): void => {
    worker = new DeliveryWorker(
      { claim } as Partial<DeliveryStore> as DeliveryStore,
      { close: () => Promise.resolve() } as never,
      lanes as Partial<SubscriberLanes> as SubscriberLanes,
      {} as never,
      new NoFaults(),
      { scanIntervalMs: 3_600_000 } as WebhooksSettings,
    );
    worker.start();
  };
  const rounds = async (count: number): Promise<(DuePosition | undefined)[]> => {
    await eventually(() => claim.mock.calls.length >= count);
    return claim.mock.calls.map(([, after]) => after);
  };
  afterEach(async () => {
    await worker.stop(1000);
    claim.mockReset();
    isFull = false;
  });

  it('looks at all of them while it can call more, and then begins anew', async () => {
    claim
      .mockReturnValueOnce(claims(PAGE_ENDS[0]))
      .mockReturnValueOnce(claims(PAGE_ENDS[1]))
      .mockReturnValue(claims(undefined));
    start();
    expect(await rounds(3)).toEqual([undefined, ...PAGE_ENDS]);
    worker.wake();
    expect((await rounds(4)).at(-1)).toBeUndefined();
  });

  it('stays where a round was not done', async () => {
    claim
      .mockReturnValueOnce(claims(PAGE_ENDS[0]))
      .mockReturnValueOnce(claims(PAGE_ENDS[1], true))
      .mockReturnValue(claims(undefined));
    start();
    expect(await rounds(3)).toEqual([undefined, PAGE_ENDS[0], PAGE_ENDS[0]]);
  });

  it('begins anew when it has called as many as it may', async () => {
    claim.mockImplementationOnce(() => {
      isFull = true;
      return claims(PAGE_ENDS[0]);
    });
    claim.mockReturnValue(claims(undefined));
    start();
    await rounds(1);
    isFull = false;
    worker.wake();
    expect(await rounds(2)).toEqual([undefined, undefined]);
  });
});
