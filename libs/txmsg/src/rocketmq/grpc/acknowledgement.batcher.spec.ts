import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../testing/eventually.js';
import { AcknowledgementBatcher } from './acknowledgement.batcher.js';
import type { BrokerStatus } from './broker-error.mapper.js';
import type { DeliveryReceipt } from './consumer.client.js';

function receiptOf(handle: string, broker = 'a'): DeliveryReceipt {
  return { handle, messageId: handle, queue: { broker: { name: broker } } } as unknown as DeliveryReceipt;
}

/** Records the groups that were sent, and answers when the spec says so. */
class FakeSender {
  readonly groups: string[][] = [];
  readonly answers: ((outcomes: BrokerStatus[] | Error) => void)[] = [];
  readonly batcher = new AcknowledgementBatcher((receipts) => {
    this.groups.push(receipts.map(({ handle }) => handle));
    return new Promise((resolve, reject) => {
      this.answers.push((outcome) => {
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      });
    });
  });
}

const OK = { code: 20_000, message: '' };
const REFUSED = { code: 40_013, message: 'stale' };

describe('acknowledgements', () => {
  it('of one turn go together, and each learns its own outcome', async () => {
    const { batcher, groups, answers } = new FakeSender();
    const outcomes = Promise.all(['1', '2', '3'].map((handle) => batcher.send(receiptOf(handle), 100)));
    await eventually(() => groups.length === 1);
    answers[0]?.([OK, REFUSED, OK]);
    expect(await outcomes).toEqual([OK, REFUSED, OK]);
    expect(groups).toEqual([['1', '2', '3']]);
  });

  it('gather while two requests are under way', async () => {
    const { batcher, groups, answers } = new FakeSender();
    const all: Promise<BrokerStatus>[] = [];
    for (const handle of ['1', '2', '3', '4']) {
      all.push(batcher.send(receiptOf(handle), 100));
      await Promise.resolve();
    }
    await eventually(() => groups.length === 2);
    answers[0]?.([OK]);
    await eventually(() => groups.length === 3);
    expect(groups).toEqual([['1'], ['2'], ['3', '4']]);
    answers[1]?.([OK]);
    answers[2]?.([OK, OK]);
    await Promise.all(all);
  });

  it('go to the broker that delivered the message', async () => {
    const { batcher, groups } = new FakeSender();
    void batcher.send(receiptOf('1', 'a'), 100);
    void batcher.send(receiptOf('2', 'b'), 100);
    await eventually(() => groups.length === 2);
    expect(groups).toEqual([['1'], ['2']]);
  });

  it('are waited for until the last one is answered', async () => {
    const { batcher, groups, answers } = new FakeSender();
    const outcome = batcher.send(receiptOf('1'), 100);
    let drained = false;
    const drain = batcher.drained().then(() => (drained = true));
    await eventually(() => groups.length === 1);
    expect(drained).toBe(false);
    answers[0]?.([OK]);
    await Promise.all([drain, outcome]);
  });

  it('all fail with their request', async () => {
    const { batcher, groups, answers } = new FakeSender();
    const outcomes = Promise.allSettled(['1', '2'].map((handle) => batcher.send(receiptOf(handle), 100)));
    await eventually(() => groups.length === 1);
    answers[0]?.(new Error('gone'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
