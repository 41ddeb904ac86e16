import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { BarrierCollisionError, type AttemptOutcomes, type Barrier } from '../barrier/index.js';
import type { DatabaseTransactions, TransactionContext } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { DatabaseUnavailableError, TransactionDeadlineError } from '../errors/index.js';
import type { FaultInjector } from '../faults/index.js';
import { Telemetry } from '../telemetry/index.js';
import type { AttemptResult, StoredAttempt } from './attempt.js';
import { LocalTransactionExecutor } from './local-transaction.executor.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';

const away = new DatabaseUnavailableError('away');
const late = new TransactionDeadlineError(3000, true);
const deadlock = Object.assign(new Error('Deadlock found'), { errno: 1213 });
const contentsHash = Buffer.alloc(32);
const listener = { topic: 't' } as RegisteredTransactionListener;

const findDone = jest.fn<AttemptOutcomes['findDone']>();
const read = jest.fn<AttemptOutcomes['read']>();
const runTransaction = jest.fn<DatabaseTransactions['run']>();
const enterAttempts = jest.fn<Barrier['enterAttempts']>();
const at = jest.fn<FaultInjector['at']>();
const executor = new LocalTransactionExecutor(
  { run: runTransaction } as unknown as DatabaseTransactions,
  { enterAttempts } as unknown as Barrier,
  { findDone, read } as unknown as AttemptOutcomes,
  { at },
  new Telemetry(),
);

function attemptOf(hash: Buffer | undefined): StoredAttempt {
  const attempt = { txNo: 't-1', scope: 's', attempt: 'a', contentsHash: hash };
  const work = { within: (call: () => unknown) => call() };
  return { ...attempt, work } as unknown as StoredAttempt;
}

function run(hash: Buffer | undefined, timeoutMs = 3000): Promise<AttemptResult> {
  return executor.runOne(listener, attemptOf(hash), Deadline.in(timeoutMs));
}

beforeEach(() => {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  findDone.mockReset().mockRejectedValue(away);
  read.mockReset().mockRejectedValue(away);
  at.mockReset().mockResolvedValue(undefined);
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('an attempt that collides with a barrier row', () => {
  beforeEach(() => {
    runTransaction.mockReset().mockRejectedValue(new BarrierCollisionError());
  });

  it('does not say that nothing was done when the row cannot be read: another attempt may have committed', async () => {
    await expect(run(contentsHash)).resolves.toEqual({ state: 'OVERTAKEN' });
  });

  it('speaks for itself alone when it sends a message again', async () => {
    await expect(run(undefined)).resolves.toEqual({ state: 'FAILED', error: away });
  });

  it('still reads the row when the time of its caller has ended', async () => {
    // The clock stands still.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    findDone.mockImplementation((_txNo, _scope, deadline) =>
      deadline.hasPassed() ? Promise.reject(away) : Promise.resolve(contentsHash),
    );
    await expect(run(contentsHash, 0)).resolves.toEqual({ state: 'DUPLICATE' });
  });

  it('remembers that the row was locked when it cannot be read later', async () => {
    findDone.mockResolvedValueOnce('UNKNOWN');
    await expect(run(contentsHash, 0)).resolves.toEqual({ state: 'OVERTAKEN' });
  });

  it('remembers that the row was locked when there is no connection for another try', async () => {
    findDone.mockResolvedValueOnce('UNKNOWN');
    runTransaction.mockRejectedValueOnce(new BarrierCollisionError()).mockRejectedValue(away);
    await expect(run(contentsHash)).resolves.toEqual({ state: 'OVERTAKEN' });
  });
});

describe('an attempt without its barrier rows, when no row of its txNo can be read', () => {
  const failed = (error: unknown): AttemptResult => ({ state: 'FAILED', error });

  beforeEach(() => {
    enterAttempts.mockReset().mockResolvedValue(undefined);
    // Its time ends wherever the work hangs.
    const endingLate: DatabaseTransactions['run'] = async (work) => {
      const elapsed = new Promise((resolve) => setImmediate(resolve));
      await Promise.race([work({} as TransactionContext), elapsed]);
      throw late;
    };
    runTransaction.mockReset().mockImplementation(endingLate);
  });

  it('does not say that nothing was done when its INSERT met locks: another attempt may have committed', async () => {
    enterAttempts.mockRejectedValue(deadlock);
    await expect(run(contentsHash)).resolves.toEqual({ state: 'OVERTAKEN' });
  });

  it('does not say that nothing was done when its time ended while its INSERT waited', async () => {
    enterAttempts.mockReturnValue(new Promise(() => undefined));
    await expect(run(contentsHash)).resolves.toEqual({ state: 'OVERTAKEN' });
  });

  it('says that nothing was done when its INSERT was not sent', async () => {
    runTransaction.mockRejectedValue(late);
    await expect(run(contentsHash)).resolves.toEqual(failed(late));
  });

  it('says that nothing was done when it met locks behind its INSERT, which had met nobody', async () => {
    at.mockImplementation((point) =>
      point === 'local-transaction.barrier-inserted' ? Promise.reject(deadlock) : Promise.resolve(),
    );
    await expect(run(contentsHash)).resolves.toEqual(failed(deadlock));
  });

  it('says that nothing was done when it was not begun', async () => {
    await expect(executor.resultOfUnbegun(attemptOf(contentsHash), Deadline.in(0))).resolves.toEqual(
      failed(expect.any(DatabaseUnavailableError)),
    );
  });
});
