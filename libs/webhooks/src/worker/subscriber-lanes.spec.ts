import { describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { CallOutcome, CallResult } from '../call/call-result.js';
import { CallCutError } from '../call/webhook.caller.js';
import type { Subscriber } from '../subscriber/subscriber.js';
import { SubscriberLanes } from './subscriber-lanes.js';

const LIMITS = {
  ...{ concurrency: 8, concurrencyPerSubscriber: 3, breakerFailures: 2, breakerPauseMs: 60_000 },
  ladderSeconds: [60],
};
const subscriber = (id: string, ladderSeconds: readonly number[] | null = null): Subscriber =>
  ({ id, ladderSeconds }) as Subscriber;

class Calls {
  readonly lanes: SubscriberLanes;
  private readonly ends: (() => void)[] = [];

  constructor(limits: Partial<typeof LIMITS> = {}) {
    this.lanes = new SubscriberLanes({ ...LIMITS, ...limits });
  }

  /** One call with this end. */
  async end(whom: Subscriber, outcome: CallOutcome): Promise<CallResult | undefined> {
    const result = { outcome, status: outcome === 'ACKNOWLEDGED' ? 200 : undefined } as CallResult;
    return this.lanes.occupy(whom, (lane) => lane.run(() => Promise.resolve(result)));
  }

  /** Calls that do not end before `endAll`. */
  hang(whom: Subscriber, count: number): void {
    const result = { outcome: 'TIMEOUT', status: undefined } as CallResult;
    for (let call = 0; call < count; call++) {
      const hanging = new Promise<CallResult>((resolve) => {
        this.ends.push(() => {
          resolve(result);
        });
      });
      void this.lanes.occupy(whom, (lane) => lane.run(() => hanging));
    }
  }

  endAll(): void {
    for (const end of this.ends.splice(0)) end();
  }

  alloted(...ids: string[]): Record<string, number> {
    return Object.fromEntries(this.lanes.allot(ids));
  }
}

describe('the calls of a process', () => {
  it('are one for a subscriber that has not acknowledged yet, and as many as may be for one that has', async () => {
    const calls = new Calls();
    expect(calls.alloted('a', 'b')).toEqual({ a: 1, b: 1 });
    await calls.end(subscriber('a'), 'ACKNOWLEDGED');
    expect(calls.alloted('a', 'b')).toEqual({ a: 3, b: 1 });
    await calls.end(subscriber('a'), 'TIMEOUT');
    expect(calls.alloted('a', 'b')).toEqual({ a: 1, b: 1 });
  });

  it('are shared out round by round, so that none takes what is left', async () => {
    const calls = new Calls({ concurrency: 4 });
    for (const id of ['a', 'b', 'c']) await calls.end(subscriber(id), 'ACKNOWLEDGED');
    expect(calls.alloted('a', 'b', 'c')).toEqual({ a: 2, b: 1, c: 1 });
  });

  it('leave half of the process to those who answer, however many hang', async () => {
    const calls = new Calls();
    await calls.end(subscriber('well'), 'ACKNOWLEDGED');
    for (let index = 0; index < 4; index++) calls.hang(subscriber(`new-${index}`), 1);
    expect(calls.alloted('new-4', 'new-5', 'well')).toEqual({ well: 3 });
    calls.endAll();
    await eventually(() => calls.alloted('new-4').new_4 !== 0 && 'new-4' in calls.alloted('new-4'));
  });

  it('never exceed the bound of one subscriber', async () => {
    const calls = new Calls();
    await calls.end(subscriber('a'), 'ACKNOWLEDGED');
    calls.hang(subscriber('a'), 2);
    expect(calls.alloted('a')).toEqual({ a: 1 });
    calls.hang(subscriber('a'), 1);
    expect(calls.alloted('a')).toEqual({});
    calls.endAll();
  });

  it('stop for a subscriber whose circuit is open, and only for that one', async () => {
    const calls = new Calls();
    for (let call = 0; call < 2; call++) await calls.end(subscriber('dead'), 'NO_ANSWER');
    expect(calls.alloted('dead', 'other')).toEqual({ other: 1 });
    // Whoever calls all the same is not let through.
    expect(await calls.end(subscriber('dead'), 'ACKNOWLEDGED')).toBeUndefined();
  });

  it('are not stopped by refusals of single messages', async () => {
    const calls = new Calls();
    const refused = { outcome: 'REFUSED', status: 400 } as CallResult;
    for (let call = 0; call < 5; call++)
      await calls.lanes.occupy(subscriber('a'), (lane) => lane.run(() => Promise.resolve(refused)));
    expect(calls.alloted('a')).toEqual({ a: 3 });
  });

  it('are not stopped by calls that are cut, which are no failures', async () => {
    const calls = new Calls();
    await calls.end(subscriber('a'), 'ACKNOWLEDGED');
    const error = new CallCutError({ cause: new Error('closed') });
    for (let call = 0; call < 5; call++) {
      const cut = calls.lanes.occupy(subscriber('a'), (lane) => lane.run(() => Promise.reject(error)));
      await expect(cut).rejects.toBe(error);
    }
    expect(calls.alloted('a')).toEqual({ a: 3 });
  });

  it('begin again with one that tries, when the pause is over, which is no longer than the first of the ladder', async () => {
    const calls = new Calls({ breakerPauseMs: 3_600_000, concurrencyPerSubscriber: 2 });
    const dead = subscriber('dead', [0.05, 60]);
    for (let call = 0; call < 2; call++) await calls.end(dead, 'TIMEOUT');
    await eventually(() => calls.alloted('dead').dead === 1);
    calls.hang(dead, 1);
    expect(calls.alloted('dead')).toEqual({});
    calls.endAll();
    await eventually(() => calls.alloted('dead').dead === 1);
    expect(await calls.end(dead, 'ACKNOWLEDGED')).toMatchObject({ outcome: 'ACKNOWLEDGED' });
    expect(calls.alloted('dead')).toEqual({ dead: 2 });
  });
});
