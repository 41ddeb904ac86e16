import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AttemptOutcomes, Barrier, BarrierCollisionError, type AttemptOutcome } from '../barrier/index.js';
import type { ItemResult } from '../batching/index.js';
import {
  isLockConflict,
  DatabaseTransactions,
  type Decision,
  type TransactionContext,
} from '../database/index.js';
import { Deadline, withDeadline } from '../deadline/index.js';
import { asError } from '../errors/as-error.js';
import {
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  TransactionDeadlineError,
  TransactionFencedError,
  TxNoConflictError,
} from '../errors/index.js';
import { txNosOf } from '../faults/fault-injector.js';
import { FaultInjector, type FaultContext } from '../faults/index.js';
import { Telemetry } from '../telemetry/index.js';
import type { LocalTransactionOutcome } from './local-transaction.js';
import type { Attempt, AttemptResult, StoredAttempt } from './attempt.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';

/** How often the whole transaction is tried: after a deadlock, a lock timeout, or a collision with a row that is gone again. */
const TRIES_MAX = 5;
/** How long after the caller's deadline the outcome of a COMMIT may still be looked up. */
const RESOLVE_TIMEOUT_MS = 500;
/** Between two lookups of a transaction that the server has not ended yet. */
const RESOLVE_PAUSE_MS = 20;

/** What an attempt's part of a batch came to; `NOT_BEGUN`: nothing was done for it, and nothing is left of it. */
export type BatchedAttemptResult = AttemptResult | { readonly state: 'NOT_BEGUN' };

type Item = ItemResult<LocalTransactionOutcome>;

/** How far a try got. */
interface Progress {
  /**
   * Of the INSERT of the barrier rows. `UNDER_WAY`: it may wait for the row of another attempt, or has failed; `DONE`: no other
   * attempt with these txNos can be committing.
   */
  entry: 'NOT_BEGUN' | 'UNDER_WAY' | 'DONE';
  /** The listener is done, and COMMIT comes next: only then is an outcome that is not known that of this transaction. */
  isToBeCommitted: boolean;
}

const NOTHING_YET: Progress = { entry: 'NOT_BEGUN', isToBeCommitted: false };

/** Runs the local transactions of one or more attempts in one database transaction (docs/ARCHITECTURE.md, 3.1). */
@Injectable()
export class LocalTransactionExecutor {
  private readonly logger = new Logger(LocalTransactionExecutor.name);

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly barrier: Barrier,
    private readonly outcomes: AttemptOutcomes,
    private readonly faults: FaultInjector,
    private readonly telemetry: Telemetry,
  ) {}

  /** One attempt in a transaction of its own, tried again after lock conflicts. Never throws. */
  runOne(
    listener: RegisteredTransactionListener,
    attempt: StoredAttempt,
    deadline: Deadline,
  ): Promise<AttemptResult> {
    return attempt.work.within(() => this.tryOne(listener, attempt, deadline));
  }

  /**
   * Attempts with distinct txNos in one database transaction. Undefined when the whole batch was rolled back: then the
   * caller runs each attempt alone, so that one failing item does not fail the others. Never throws.
   */
  async runBatch(
    listener: RegisteredTransactionListener,
    attempts: readonly StoredAttempt[],
    deadline: Deadline,
  ): Promise<readonly BatchedAttemptResult[] | undefined> {
    const batch = this.telemetry.producer(listener.topic).batch(attempts.map(({ work }) => work));
    const result = await batch.within(() => this.tryBatch(listener, attempts, deadline));
    batch.end(result instanceof Error ? result : undefined);
    if (!(result instanceof Error)) return result;
    listener.handlers.batchSize.failed();
    return undefined;
  }

  private async tryOne(
    listener: RegisteredTransactionListener,
    attempt: StoredAttempt,
    deadline: Deadline,
  ): Promise<AttemptResult> {
    // This try, or one before it, may have met the row of another attempt, and has not inserted its own since.
    let mayBeOvertaken = false;
    for (let tries = 1; ; tries++) {
      const progress = { ...NOTHING_YET };
      const failure = await this.tryBatch(listener, [attempt], deadline, progress);
      if (!(failure instanceof Error)) return single(failure);
      if (failure instanceof BarrierCollisionError) {
        const result = await this.resultOfCollision(attempt, deadline);
        if (result !== undefined) return result;
        mayBeOvertaken = true;
      } else if (isLockConflict(failure)) {
        mayBeOvertaken = progress.entry === 'UNDER_WAY';
      } else {
        const isLate = failure instanceof TransactionDeadlineError;
        mayBeOvertaken ||= isLate && progress.entry === 'UNDER_WAY';
        if (progress.entry !== 'DONE' && (isLate || mayBeOvertaken))
          return this.resultWithoutEntry(attempt, failure, deadline, mayBeOvertaken);
        return { state: 'FAILED', error: failure };
      }
      if (tries === TRIES_MAX || deadline.hasPassed())
        return this.resultWithoutEntry(attempt, failure, deadline, mayBeOvertaken);
    }
  }

  /** The result of an attempt whose caller's time ended before its local transaction was begun. */
  resultOfUnbegun(attempt: StoredAttempt, deadline: Deadline): Promise<AttemptResult> {
    const error = new DatabaseUnavailableError(
      "The caller's time ended while other local transactions of this topic were running; this one was not begun. Try again, or raise sendTimeoutMs.",
    );
    return this.resultWithoutEntry(attempt, error, deadline, false);
  }

  /** The results, or the error for which everything was rolled back. */
  private async tryBatch(
    listener: RegisteredTransactionListener,
    attempts: readonly StoredAttempt[],
    deadline: Deadline,
    progress: Progress = { ...NOTHING_YET },
  ): Promise<readonly BatchedAttemptResult[] | Error> {
    const inOrder = [...attempts].sort((a, b) => (a.txNo < b.txNo ? -1 : 1));
    const about = txNosOf(inOrder);
    const telemetry = this.telemetry.producer(listener.topic);
    const results = new Map<StoredAttempt, BatchedAttemptResult>();
    let fresh: readonly StoredAttempt[] = [];
    let items: readonly Item[] = [];
    try {
      await this.transactions.run(
        async (context) => {
          const done = await this.enter(listener, inOrder, context, progress);
          for (const attempt of inOrder) {
            const hash = done.get(attempt.txNo);
            if (hash !== undefined) results.set(attempt, resultOfKnown(attempt, hash));
          }
          fresh = inOrder.filter((attempt) => !results.has(attempt));
          if (fresh.length === 0) return { decision: 'ROLLBACK', value: undefined };
          items = await this.execute(listener, fresh, context, deadline, inOrder.length === 1);
          await this.faults.at('local-transaction.executed', {
            ...txNosOf(fresh),
            dropConnection: context.dropConnection,
          });
          const decided = await this.takeBack(fresh, items, context.entityManager);
          progress.isToBeCommitted = decided.decision === 'COMMIT';
          return decided;
        },
        {
          deadline,
          txNos: inOrder.map((attempt) => attempt.txNo),
          beforeCommit: ({ dropConnection }) =>
            this.faults.at('local-transaction.before-commit', { ...about, dropConnection }),
        },
      );
      telemetry.transaction(inOrder.length);
      await this.announceCommitted(about, deadline);
      fresh.forEach((attempt, index) => results.set(attempt, resultOf(items[index])));
    } catch (error) {
      if (!(error instanceof CommitOutcomeUnknownError) || !progress.isToBeCommitted) return asError(error);
      telemetry.commitUnknown();
      this.logger.warn({
        message: 'COMMIT was not confirmed; the rows of the barrier are asked for the outcome',
        topic: listener.topic,
        ...txNosOf(fresh),
        cause: String(asError(error.cause ?? error)),
      });
      const proven = await this.resolveUnknown(fresh, items, error, deadline);
      fresh.forEach((attempt, index) => results.set(attempt, proven[index] ?? { state: 'UNKNOWN' }));
    }
    return attempts.map((attempt) => results.get(attempt) ?? { state: 'UNKNOWN' });
  }

  /** COMMIT was confirmed: a failure of the fault point must not be mistaken for a rollback. */
  private async announceCommitted(about: FaultContext, deadline: Deadline): Promise<void> {
    const announced = this.faults.at('local-transaction.committed', about);
    try {
      await withDeadline(announced, deadline.remainingMs(), () => new Error('late'));
    } catch (error) {
      throw new CommitOutcomeUnknownError({ cause: error });
    }
  }

  /**
   * Inserts the barrier rows. In a batch, a txNo that was done before is answered from its row, so that a repeated call
   * costs its neighbours nothing.
   * @returns the hashes of those that were done before
   */
  private async enter(
    { scope }: RegisteredTransactionListener,
    attempts: readonly StoredAttempt[],
    { entityManager, dropConnection }: TransactionContext,
    progress: Progress,
  ): Promise<ReadonlyMap<string, Buffer>> {
    const about = { ...txNosOf(attempts), dropConnection };
    await this.faults.at('local-transaction.begun', about);
    let done: ReadonlyMap<string, Buffer> = new Map();
    progress.entry = 'UNDER_WAY';
    if (attempts.length > 1) done = await this.barrier.enterFreshAttempts(entityManager, scope, attempts);
    else await this.barrier.enterAttempts(entityManager, attempts);
    progress.entry = 'DONE';
    await this.faults.at('local-transaction.barrier-inserted', about);
    return done;
  }

  /** @param isAlone - one attempt, which is in no batch */
  private async execute(
    { handlers }: RegisteredTransactionListener,
    attempts: readonly StoredAttempt[],
    context: TransactionContext,
    deadline: Deadline,
    isAlone: boolean,
  ): Promise<readonly Item[]> {
    // Copies for this try: an earlier try may have changed its own.
    const items = attempts.map(({ txNo, contents, arg }) => ({ txNo, payload: contents.copy(), arg }));
    const [first] = items;
    if (isAlone && first !== undefined) return [await handlers.runAlone(first, context)];
    return handlers.runBatch(items, context, deadline, (index, call) => {
      const attempt = attempts[index];
      return attempt === undefined ? call() : attempt.work.within(call);
    });
  }

  /** Takes back the barrier rows of items whose work is not to be committed; when that is all of them, everything is. */
  private async takeBack(
    attempts: readonly StoredAttempt[],
    items: readonly Item[],
    entityManager: EntityManager,
  ): Promise<Decision<undefined>> {
    const those = (...states: Item['state'][]): StoredAttempt[] =>
      attempts.filter((_attempt, index) => states.includes(items[index]?.state ?? 'NOT_BEGUN'));
    if (those('KEPT').length === 0) return { decision: 'ROLLBACK', value: undefined };
    await this.barrier.refuseAttempts(entityManager, those('UNDONE', 'FAILED'));
    await this.barrier.withdrawAttempts(entityManager, those('NOT_BEGUN'));
    return { decision: 'COMMIT', value: undefined };
  }

  /**
   * Called after the collision was rolled back. Undefined when the row that it met is gone again, or still locked. When that row
   * cannot be read, it may be another attempt's, which has committed.
   */
  private async resultOfCollision(
    attempt: StoredAttempt,
    deadline: Deadline,
  ): Promise<AttemptResult | undefined> {
    const { txNo, scope, contentsHash } = attempt;
    const limit = resolvedBy(deadline);
    try {
      const done = contentsHash === undefined ? 'ABSENT' : await this.outcomes.findDone(txNo, scope, limit);
      if (done === 'UNKNOWN') return undefined;
      if (done !== 'ABSENT') return resultOfKnown(attempt, done);
      const outcome = await this.outcomes.read(attempt, limit);
      if (outcome !== 'ROLLBACK') return undefined;
      return { state: 'FAILED', error: new TransactionFencedError(txNo, attempt.attempt) };
    } catch (error) {
      if (contentsHash === undefined) return { state: 'FAILED', error };
      this.logger.warn({
        message: 'the barrier row that an attempt collided with could not be read',
        txNo,
        cause: String(error),
      });
      return { state: 'OVERTAKEN' };
    }
  }

  /**
   * The result of an attempt that did not keep its barrier rows, because of locks or lack of time, and so did nothing. But
   * a caller that repeats a txNo wants to know what became of all its attempts: `OVERTAKEN` when another one has committed
   * or is inserting its row. When the database cannot be asked either, the result is `error`, unless this attempt
   * `mayBeOvertaken`.
   */
  private async resultWithoutEntry(
    { txNo, scope, contentsHash }: Attempt,
    error: Error,
    deadline: Deadline,
    mayBeOvertaken: boolean,
  ): Promise<AttemptResult> {
    if (contentsHash === undefined) return { state: 'FAILED', error };
    const unread = mayBeOvertaken ? 'UNKNOWN' : 'ABSENT';
    const done = await this.outcomes.findDone(txNo, scope, resolvedBy(deadline)).catch(() => unread);
    return done === 'ABSENT' ? { state: 'FAILED', error } : { state: 'OVERTAKEN' };
  }

  /**
   * COMMIT was sent and not confirmed: only the barrier, read on another connection, proves whether it took effect. One
   * attempt that wanted COMMIT answers for all, because they are one database transaction. A refusal is told only when
   * that COMMIT is proven: it may have been decided on what its neighbours had written.
   */
  private async resolveUnknown(
    attempts: readonly StoredAttempt[],
    items: readonly Item[],
    error: CommitOutcomeUnknownError,
    deadline: Deadline,
  ): Promise<readonly BatchedAttemptResult[]> {
    const witness = attempts.find((_attempt, index) => items[index]?.state === 'KEPT');
    // Nothing was to be committed: that was rolled back, and COMMIT never sent.
    if (witness === undefined) return items.map(resultOf);
    const proven = await this.provenOutcome(witness, resolvedBy(deadline));
    return items.map((item): BatchedAttemptResult => {
      if (item.state === 'NOT_BEGUN' || proven === 'COMMIT') return resultOf(item);
      return proven === 'UNKNOWN' ? { state: 'UNKNOWN' } : { state: 'FAILED', error };
    });
  }

  /** Looks again until the server has carried out the COMMIT, or has noticed that the connection is gone and rolled back. */
  private async provenOutcome(attempt: StoredAttempt, limit: Deadline): Promise<AttemptOutcome> {
    try {
      for (;;) {
        const outcome = await this.outcomes.resolve(attempt, limit);
        if (outcome !== 'UNKNOWN' || limit.hasPassed()) return outcome;
        await delay(RESOLVE_PAUSE_MS);
      }
    } catch {
      return 'UNKNOWN';
    }
  }
}

function resolvedBy(deadline: Deadline): Deadline {
  return Deadline.in(deadline.remainingMs() + RESOLVE_TIMEOUT_MS);
}

/** What the item came to when the transaction ended as it was to end. */
function resultOf(item: Item | undefined): BatchedAttemptResult {
  if (item === undefined) return { state: 'UNKNOWN' };
  return 'answer' in item ? { state: 'DECIDED', outcome: item.answer } : item;
}

/** Another attempt did this txNo: with the same contents this one is a duplicate. */
function resultOfKnown({ txNo, scope, contentsHash }: Attempt, done: Buffer): AttemptResult {
  if (contentsHash !== undefined && done.equals(contentsHash)) return { state: 'DUPLICATE' };
  return { state: 'FAILED', error: new TxNoConflictError(txNo, scope) };
}

/** An attempt that runs alone is always begun. */
function single([result]: readonly BatchedAttemptResult[]): AttemptResult {
  return result === undefined || result.state === 'NOT_BEGUN' ? { state: 'UNKNOWN' } : result;
}
