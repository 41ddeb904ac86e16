import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import {
  CommitOutcomeUnknownError,
  TransactionDeadlineError,
  type DatabaseTransactions,
  type TransactionContext,
} from 'txmsg';
import { storeOnce, type StoredOnce } from './store-once.js';

const context = {} as TransactionContext;
const late = new TransactionDeadlineError(3000, true);
const never = (): Promise<void> => new Promise(() => undefined);
const done = (): Promise<void> => Promise.resolve();
const duplicate = (): Promise<void> => Promise.reject(Object.assign(new Error('duplicate'), { errno: 1062 }));

/** A transaction whose time ends wherever its work hangs, or else when the work is done and is to be ended. */
function endingLate(begins = true): DatabaseTransactions {
  const run: DatabaseTransactions['run'] = async (work) => {
    // Enough turns for whatever of the work does not hang.
    const elapsed = new Promise((resolve) => setImmediate(resolve));
    if (begins) await Promise.race([work(context), elapsed]);
    throw late;
  };
  return { run } as DatabaseTransactions;
}

const store = (
  own: Pick<StoredOnce, 'insert' | 'andThen'>,
  transactions = endingLate(),
): ReturnType<typeof storeOnce> => storeOnce(transactions, { txNo: 't-1', timeoutMs: 3000, ...own });

beforeAll(() => {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
});
afterAll(() => {
  jest.restoreAllMocks();
});

describe('storeOnce when the time ends', () => {
  it('leaves it to the row while the INSERT waits, perhaps for the row of an earlier call', async () => {
    await expect(store({ insert: never })).resolves.toBe('HELD');
  });

  it('leaves it to the row when there is one', async () => {
    await expect(store({ insert: duplicate })).resolves.toBe('HELD');
  });

  it('says that nothing was done before the INSERT', async () => {
    await expect(store({ insert: never }, endingLate(false))).rejects.toBe(late);
  });

  it('says that nothing was done when the row was its own', async () => {
    await expect(store({ insert: done, andThen: never })).rejects.toBe(late);
  });
});

describe('storeOnce when its transaction fails', () => {
  const failing = (failure: Error): DatabaseTransactions =>
    ({ run: () => Promise.reject(failure) }) as unknown as DatabaseTransactions;

  it.each([
    ['the answer to COMMIT was lost', 'UNKNOWN', new CommitOutcomeUnknownError({ cause: late })],
    ['another transaction held the row', 'HELD', Object.assign(new Error('Deadlock found'), { errno: 1213 })],
  ])('says that %s: %s', async (_what, outcome, failure) => {
    await expect(store({ insert: done }, failing(failure))).resolves.toBe(outcome);
  });
});
