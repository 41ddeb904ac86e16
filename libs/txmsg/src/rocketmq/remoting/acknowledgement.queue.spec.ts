import { describe, expect, it } from '@jest/globals';
import { AcknowledgementQueue } from './acknowledgement.queue.js';
import type { PopReceipt } from './pop-receipt.js';

function receipt(brokerName: string, queueOffset: number): PopReceipt {
  return {
    brokerName,
    retry: '0',
    queueId: 0,
    queueOffset,
    startOffset: 0,
    popTime: '1',
    invisibleTime: '1',
    reviveQueueId: '0',
  };
}

interface Batch {
  readonly brokerName: string;
  readonly offsets: number[];
  readonly answer: (error?: Error) => void;
}

function queueWithBatches(): { queue: AcknowledgementQueue; batches: Batch[] } {
  const batches: Batch[] = [];
  const queue = new AcknowledgementQueue(
    (brokerName, receipts) =>
      new Promise((resolve, reject) => {
        const offsets = receipts.map(({ queueOffset }) => queueOffset);
        const answer = (error?: Error): void => {
          if (error) reject(error);
          else resolve();
        };
        batches.push({ brokerName, offsets, answer });
      }),
  );
  return { queue, batches };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('acknowledgements', () => {
  it('of one turn of the event loop go in one request per broker', async () => {
    const { queue, batches } = queueWithBatches();
    const sent = [
      queue.send(receipt('a', 1), 100),
      queue.send(receipt('b', 2), 100),
      queue.send(receipt('a', 3), 100),
    ];
    await nextTurn();
    expect(batches).toMatchObject([
      { brokerName: 'a', offsets: [1, 3] },
      { brokerName: 'b', offsets: [2] },
    ]);
    for (const { answer } of batches) answer();
    await Promise.all(sent);
  });

  it('gather while two requests to their broker are under way, and wait for no other broker', async () => {
    const { queue, batches } = queueWithBatches();
    const sent: Promise<void>[] = [];
    for (const offset of [1, 2, 3, 4]) {
      sent.push(queue.send(receipt('a', offset), 100));
      await nextTurn();
    }
    expect(batches.map(({ offsets }) => offsets)).toEqual([[1], [2]]);
    sent.push(queue.send(receipt('b', 5), 100));
    await nextTurn();
    expect(batches).toHaveLength(3);
    batches[0]?.answer();
    await nextTurn();
    expect(batches[3]).toMatchObject({ brokerName: 'a', offsets: [3, 4] });
    for (const { answer } of batches) answer();
    await Promise.all(sent);
  });

  it('fail together, and the next ones go on', async () => {
    const { queue, batches } = queueWithBatches();
    const failing = Promise.allSettled([queue.send(receipt('a', 1), 100), queue.send(receipt('a', 2), 100)]);
    await nextTurn();
    batches[0]?.answer(new Error('lost'));
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = queue.send(receipt('a', 3), 100);
    const drained = queue.drained();
    await nextTurn();
    batches[1]?.answer();
    await Promise.all([next, drained]);
  });
});
