import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { BarrierCollisionError, type AttemptOutcomes, type Barrier } from '../barrier/index.js';
import type { DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { DatabaseUnavailableError } from '../errors/index.js';
import { Telemetry } from '../telemetry/index.js';
import type { AttemptResult, StoredAttempt } from './attempt.js';
import { LocalTransactionExecutor } from './local-transaction.executor.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';

const away = new DatabaseUnavailableError('away');

describe('an attempt that collides with a barrier row', () => {
  const findDone = jest.fn<AttemptOutcomes['findDone']>();
  const read = jest.fn<AttemptOutcomes['read']>();
  const executor = new LocalTransactionExecutor(
    { run: () => Promise.reject(new BarrierCollisionError()) } as unknown as DatabaseTransactions,
    {} as Barrier,
    { findDone, read } as unknown as AttemptOutcomes,
    { at: () => Promise.resolve() },
    new Telemetry(),
  );
  const contentsHash = Buffer.alloc(32);
  const run = (hash: Buffer | undefined, timeoutMs = 3000): Promise<AttemptResult> => {
    const attempt = { txNo: 't-1', scope: 's', attempt: 'a', contentsHash: hash };
    const work = { within: (call: () => unknown) => call() };
    const listener = { topic: 't' } as RegisteredTransactionListener;
    return executor.runOne(
      listener,
      { ...attempt, work } as unknown as StoredAttempt,
      Deadline.in(timeoutMs),
    );
  };

  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    findDone.mockRejectedValue(away);
    read.mockRejectedValue(away);
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
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
});
