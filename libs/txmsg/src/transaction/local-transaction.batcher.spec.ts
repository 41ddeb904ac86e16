import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BatchSize } from '../batching/index.js';
import { Deadline } from '../deadline/index.js';
import type { AttemptResult, StoredAttempt } from './attempt.js';
import { LocalTransactionBatcher, type OutlivedCaller } from './local-transaction.batcher.js';
import type { LocalTransactionExecutor } from './local-transaction.executor.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';

const BATCH_SIZE = 2;
const listener = {
  handlers: { batchSize: BatchSize.fixed(BATCH_SIZE) },
} as unknown as RegisteredTransactionListener;

describe('callers that arrive while no transaction runs', () => {
  /** The txNos of every transaction, in the order in which they began. */
  let begun: string[][];
  let batcher: LocalTransactionBatcher;
  let endAll: (result: AttemptResult) => void;

  const call = (txNo: string): Promise<AttemptResult | OutlivedCaller> =>
    batcher.run({ txNo } as StoredAttempt, Deadline.in(60_000));

  beforeEach(() => {
    begun = [];
    const ended = new Promise<AttemptResult>((resolve) => (endAll = resolve));
    const runOne = jest.fn<LocalTransactionExecutor['runOne']>((_listener, { txNo }) => {
      begun.push([txNo]);
      return ended;
    });
    const runBatch = jest.fn<LocalTransactionExecutor['runBatch']>(async (_listener, attempts) => {
      begun.push(attempts.map(({ txNo }) => txNo));
      const result = await ended;
      return attempts.map(() => result);
    });
    const executor = { runOne, runBatch } as unknown as LocalTransactionExecutor;
    batcher = new LocalTransactionBatcher(listener, executor, 60_000);
  });

  it('share a transaction when they come in one turn of the event loop, and fill as many as may run', async () => {
    const results = ['a', 'b', 'c', 'd', 'e'].map(call);
    await setImmediate();
    expect(begun).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    endAll({ state: 'DUPLICATE' });
    for (const result of results) await expect(result).resolves.toEqual({ state: 'DUPLICATE' });
    expect(begun.slice(2)).toEqual([['e']]);
  });

  it('begin with the next turn when they come alone', async () => {
    const first = call('a');
    await setImmediate();
    expect(begun).toEqual([['a']]);
    const second = call('b');
    await setImmediate();
    expect(begun).toEqual([['a'], ['b']]);
    endAll({ state: 'DUPLICATE' });
    await Promise.all([first, second]);
  });
});
