import { beforeEach, describe, expect, it } from '@jest/globals';
import { AcknowledgementBatcher } from './acknowledgement.batcher.js';

interface Batch {
  readonly brokerName: string;
  readonly receipts: readonly number[];
  readonly answer: (answers: string[] | Error) => void;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('acknowledgements', () => {
  let batches: Batch[];
  let batcher: AcknowledgementBatcher<number, string>;

  beforeEach(() => {
    batches = [];
    batcher = new AcknowledgementBatcher(
      (brokerName, receipts) =>
        new Promise((resolve, reject) => {
          const answer = (answers: string[] | Error): void => {
            if (answers instanceof Error) reject(answers);
            else resolve(answers);
          };
          batches.push({ brokerName, receipts, answer });
        }),
    );
  });

  const answerAll = (): void => {
    for (const { receipts, answer } of batches) answer(receipts.map(() => 'OK'));
  };

  it('of one turn of the event loop go in one request to the broker that delivered the messages', async () => {
    const sent = [batcher.send('a', 1, 100), batcher.send('b', 2, 100), batcher.send('a', 3, 100)];
    await nextTurn();
    expect(batches).toMatchObject([
      { brokerName: 'a', receipts: [1, 3] },
      { brokerName: 'b', receipts: [2] },
    ]);
    answerAll();
    await Promise.all(sent);
  });

  it('each learn their own answer', async () => {
    const answers = Promise.all([1, 2, 3].map((receipt) => batcher.send('a', receipt, 100)));
    await nextTurn();
    batches[0]?.answer(['OK', 'STALE', 'OK']);
    expect(await answers).toEqual(['OK', 'STALE', 'OK']);
  });

  it('gather while two requests to their broker are under way, and wait for no other broker', async () => {
    const sent: Promise<string>[] = [];
    for (const receipt of [1, 2, 3, 4]) {
      sent.push(batcher.send('a', receipt, 100));
      await nextTurn();
    }
    expect(batches.map(({ receipts }) => receipts)).toEqual([[1], [2]]);
    sent.push(batcher.send('b', 5, 100));
    await nextTurn();
    expect(batches).toHaveLength(3);
    batches[0]?.answer(['OK']);
    await nextTurn();
    expect(batches[3]).toMatchObject({ brokerName: 'a', receipts: [3, 4] });
    answerAll();
    await Promise.all(sent);
  });

  it('are waited for until the last one is answered', async () => {
    const sent = batcher.send('a', 1, 100);
    let drained = false;
    const drain = batcher.drained().then(() => (drained = true));
    await nextTurn();
    expect(drained).toBe(false);
    answerAll();
    await Promise.all([drain, sent]);
  });

  it('fail together, and the next ones go on', async () => {
    const failing = Promise.allSettled([batcher.send('a', 1, 100), batcher.send('a', 2, 100)]);
    await nextTurn();
    batches[0]?.answer(new Error('lost'));
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = batcher.send('a', 3, 100);
    const drained = batcher.drained();
    await nextTurn();
    batches[1]?.answer(['OK']);
    await Promise.all([next, drained]);
  });
});
