import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import {
  TransactionDeadlineError,
  type DatabaseTransactions,
  type DurableJobs,
  type JobStarted,
  type TransactionContext,
} from 'txmsg';
import { NoFaults } from 'txmsg/faults';
import type { OpeningLedger } from './opening.ledger.js';
import { OpeningStore, type AcceptOutcome } from './opening.store.js';

const late = new TransactionDeadlineError(5000, true);

describe('OpeningStore when the time ends', () => {
  /** A transaction whose time ends wherever its work hangs, or else when the work is done and is to be ended. */
  const accept = (start: () => Promise<JobStarted>, begins = true): Promise<AcceptOutcome> => {
    const run: DatabaseTransactions['run'] = async (work) => {
      const elapsed = new Promise((resolve) => setImmediate(resolve));
      if (begins) await Promise.race([work({} as TransactionContext), elapsed]);
      throw late;
    };
    const ledger = { find: () => Promise.resolve(undefined), insert: () => Promise.resolve(true) };
    const store = new OpeningStore(
      { run } as DatabaseTransactions,
      ledger as unknown as OpeningLedger,
      { start } as unknown as DurableJobs,
      new NoFaults(),
    );
    return store.accept({ requestNo: 'r-1', userId: 'u-1', name: '张三' });
  };

  beforeAll(() => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });

  it('leaves it to the row while it waits, perhaps for an earlier call', async () => {
    await expect(accept(() => new Promise(() => undefined))).resolves.toBe('UNKNOWN');
  });

  it('says that nothing was done before its work began', async () => {
    await expect(accept(() => Promise.resolve('STARTED'), false)).rejects.toBe(late);
  });

  it('says that nothing was done when the rows were its own', async () => {
    await expect(accept(() => Promise.resolve('STARTED'))).rejects.toBe(late);
  });
});
