import { setTimeout as delay } from 'node:timers/promises';
import {
  Barrier,
  BarrierCollisionError,
  type AttemptOutcome,
  type AttemptOutcomes,
} from '../barrier/index.js';
import {
  isLockConflict,
  type DatabaseTransactions,
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
import type { FaultInjector } from '../faults/index.js';
import type { LocalTransactionOutcome } from './local-transaction.js';
import type { Attempt, AttemptEnd } from './attempt.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';

/** Whole-transaction tries after a deadlock, lock timeout or vanished collision. */
const TRIES_MAX = 5;
/** What learning how it ended may take beyond the caller's deadline. */
const RESOLVE_TIMEOUT_MS = 500;
/** Between two questions about a transaction that the server has not ended yet. */
const RESOLVE_PAUSE_MS = 20;

/** Whether the transaction holds the barrier's rows: then nobody else's attempt at these txNos can be under way. */
interface Progress {
  isInside: boolean;
}

/** Runs the local transactions of one or more attempts in one database transaction (DESIGN 3.1, step 2). */
export class LocalTransactionExecutor {
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly barrier: Barrier,
    private readonly outcomes: AttemptOutcomes,
    private readonly faults: FaultInjector,
  ) {}

  /** One attempt alone, tried again after lock conflicts. */
  async runOne(
    listener: RegisteredTransactionListener,
    attempt: Attempt,
    deadline: Deadline,
  ): Promise<AttemptEnd> {
    for (let tries = 1; ; tries++) {
      const progress = { isInside: false };
      const failure = await this.tryBatch(listener, [attempt], deadline, progress);
      if (!(failure instanceof Error)) return single(failure);
      if (failure instanceof BarrierCollisionError) {
        const end = await this.explainCollision(attempt, deadline);
        if (end !== undefined) return end;
      } else if (failure instanceof TransactionDeadlineError && !progress.isInside) {
        return this.giveUp(attempt, failure, deadline);
      } else if (!isLockConflict(failure)) {
        return { end: 'FAILED', error: failure };
      }
      if (tries === TRIES_MAX || deadline.hasPassed()) return this.giveUp(attempt, failure, deadline);
    }
  }

  /**
   * Attempts with distinct txNos in one database transaction. Undefined when the batch as a whole was rolled
   * back: then each is to be run alone, so that one bad item never costs its neighbours.
   */
  async runBatch(
    listener: RegisteredTransactionListener,
    attempts: readonly Attempt[],
    deadline: Deadline,
  ): Promise<readonly AttemptEnd[] | undefined> {
    const result = await this.tryBatch(listener, attempts, deadline);
    return result instanceof Error ? undefined : result;
  }

  /** For an attempt whose time ended before its local transaction was begun. */
  withdraw(attempt: Attempt, deadline: Deadline): Promise<AttemptEnd> {
    const error = new DatabaseUnavailableError(
      'The time ended while other local transactions of this topic were running; this one was not begun.',
    );
    return this.giveUp(attempt, error, deadline);
  }

  /** An Error as the answer says: all of it was rolled back, for this reason. */
  private async tryBatch(
    listener: RegisteredTransactionListener,
    attempts: readonly Attempt[],
    deadline: Deadline,
    progress: Progress = { isInside: false },
  ): Promise<readonly AttemptEnd[] | Error> {
    const inOrder = [...attempts].sort((a, b) => (a.txNo < b.txNo ? -1 : 1));
    const txNo = inOrder.length === 1 ? inOrder[0]?.txNo : undefined;
    let outcomes: readonly LocalTransactionOutcome[] = [];
    try {
      await this.transactions.run(
        async (scope) => {
          outcomes = await this.perform(listener, inOrder, scope, txNo, progress);
          return decide(outcomes);
        },
        {
          deadline,
          txNos: inOrder.map((attempt) => attempt.txNo),
          beforeCommit: ({ dropConnection }) =>
            this.faults.at('local-transaction.before-commit', { txNo, dropConnection }),
        },
      );
      await this.announceCommitted(txNo, deadline);
    } catch (error) {
      if (!(error instanceof CommitOutcomeUnknownError)) return asError(error);
      const ends = await this.resolveUnknown(inOrder, outcomes, error, deadline);
      return inOrderOf(attempts, inOrder, ends);
    }
    return inOrderOf(
      attempts,
      inOrder,
      outcomes.map((outcome) => ({ end: 'DECIDED', outcome })),
    );
  }

  /** COMMIT was confirmed: whatever fails from here on must never look like a rollback. */
  private async announceCommitted(txNo: string | undefined, deadline: Deadline): Promise<void> {
    const announced = this.faults.at('local-transaction.committed', { txNo });
    try {
      await withDeadline(announced, deadline.remainingMs(), () => new Error('late'));
    } catch (error) {
      throw new CommitOutcomeUnknownError({ cause: error });
    }
  }

  private async perform(
    listener: RegisteredTransactionListener,
    attempts: readonly Attempt[],
    { entityManager, dropConnection }: TransactionContext,
    txNo: string | undefined,
    progress: Progress,
  ): Promise<readonly LocalTransactionOutcome[]> {
    await this.faults.at('local-transaction.begun', { txNo, dropConnection });
    await this.barrier.enterAttempts(entityManager, attempts);
    progress.isInside = true;
    await this.faults.at('local-transaction.barrier-inserted', { txNo, dropConnection });
    // Copies for this try alone: an earlier one may have changed its own.
    const items = attempts.map(({ txNo, contents, arg }) => ({ txNo, payload: contents.copy(), arg }));
    const outcomes = await listener.execute(items, entityManager);
    await this.faults.at('local-transaction.executed', { txNo, dropConnection });
    const refused = attempts.filter((_attempt, index) => outcomes[index]?.outcome === 'ROLLBACK');
    // When all refuse, the transaction is rolled back as a whole and there is nothing to take back.
    if (refused.length < attempts.length) await this.barrier.refuseAttempts(entityManager, refused);
    return outcomes;
  }

  /** The collision's transaction is rolled back by now. Undefined when what it met is gone again. */
  private async explainCollision(attempt: Attempt, deadline: Deadline): Promise<AttemptEnd | undefined> {
    try {
      const { txNo, scope, contentsHash } = attempt;
      const done =
        contentsHash === undefined ? 'ABSENT' : await this.outcomes.findDone(txNo, scope, deadline);
      if (done === 'UNKNOWN') return undefined;
      if (done !== 'ABSENT' && contentsHash !== undefined) {
        if (done.equals(contentsHash)) return { end: 'DUPLICATE' };
        return { end: 'FAILED', error: new TxNoConflictError(txNo, scope) };
      }
      const outcome = await this.outcomes.read(attempt, deadline);
      if (outcome !== 'ROLLBACK') return undefined;
      return { end: 'FAILED', error: new TransactionFencedError(attempt.txNo, attempt.attempt) };
    } catch (error) {
      return { end: 'FAILED', error };
    }
  }

  /**
   * Locks kept this attempt out. Where they are another attempt's at the same txNo, "nothing was done" would be true
   * of this call only, and who repeats a txNo asks about all of them. A database that does not answer that either is
   * told as what it is: `error`.
   */
  private async giveUp(
    { txNo, scope, contentsHash }: Attempt,
    error: Error,
    deadline: Deadline,
  ): Promise<AttemptEnd> {
    if (contentsHash === undefined) return { end: 'FAILED', error };
    const done = await this.outcomes.findDone(txNo, scope, resolvedBy(deadline)).catch(() => 'ABSENT');
    return done === 'ABSENT' ? { end: 'FAILED', error } : { end: 'OVERTAKEN' };
  }

  /** COMMIT was sent: only the barrier, read on another connection, can tell. Never guess. */
  private async resolveUnknown(
    attempts: readonly Attempt[],
    outcomes: readonly LocalTransactionOutcome[],
    error: CommitOutcomeUnknownError,
    deadline: Deadline,
  ): Promise<readonly AttemptEnd[]> {
    const limit = resolvedBy(deadline);
    return Promise.all(
      attempts.map(async (attempt, index): Promise<AttemptEnd> => {
        const outcome = outcomes[index];
        if (outcome?.outcome === 'ROLLBACK') return { end: 'DECIDED', outcome };
        const proven = await this.provenOutcome(attempt, limit);
        if (proven === 'UNKNOWN' || outcome === undefined) return { end: 'UNKNOWN' };
        return proven === 'COMMIT' ? { end: 'DECIDED', outcome } : { end: 'FAILED', error };
      }),
    );
  }

  /** Asks again while the server has yet to notice that the connection is gone, or to carry out the COMMIT. */
  private async provenOutcome(attempt: Attempt, limit: Deadline): Promise<AttemptOutcome> {
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

function decide(outcomes: readonly LocalTransactionOutcome[]): Decision<void> {
  const decision = outcomes.every(({ outcome }) => outcome === 'ROLLBACK') ? 'ROLLBACK' : 'COMMIT';
  return { decision, value: undefined };
}

function inOrderOf(
  wanted: readonly Attempt[],
  actual: readonly Attempt[],
  ends: readonly AttemptEnd[],
): readonly AttemptEnd[] {
  return wanted.map((attempt) => ends[actual.indexOf(attempt)] ?? { end: 'UNKNOWN' });
}

function single(ends: readonly AttemptEnd[]): AttemptEnd {
  return ends[0] ?? { end: 'UNKNOWN' };
}
