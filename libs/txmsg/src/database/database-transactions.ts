import { Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { Deadline, withDeadline } from '../deadline/index.js';
import {
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  TransactionDeadlineError,
} from '../errors/index.js';
import { outermostEntityManager } from './guarded-entity-manager.js';
import { GuardedTransaction } from './guarded-transaction.js';
import { isConnectionLost } from './mysql-errors.js';
import { PooledConnection } from './pooled-connection.js';
import { withConnection } from './with-connection.js';

/** What the work decides about its transaction, and what `run` returns. */
export interface Decision<T> {
  /** How the transaction is to end. */
  readonly decision: 'COMMIT' | 'ROLLBACK';
  /** What `run` returns once it has ended so. */
  readonly value: T;
}

/** What the work is given. */
export interface TransactionContext {
  /** Valid until the work returns; every statement through it is part of the transaction. */
  readonly entityManager: EntityManager;
  /** How long its statements so far have taken, in ms. */
  readonly statementsMs: () => number;
  /** Throws when the transaction cannot go on, for example after a deadlock. */
  readonly assertAlive: () => void;
  /** Cuts the connection under the transaction; for fault injection. */
  readonly dropConnection: () => void;
}

/** How one transaction is run. */
export interface RunOptions {
  /** Covers everything: waiting for a connection, the work, and the COMMIT. */
  readonly deadline: Deadline;
  /** Called after the work, before COMMIT; for fault injection. */
  readonly beforeCommit?: (context: TransactionContext) => Promise<void>;
  /** The txNos of the work, for the log. */
  readonly txNos?: readonly string[];
}

/**
 * Transactions on a query runner of our own. TypeORM's `EntityManager.transaction` reports an error of the
 * work, of the COMMIT and of a throwing subscriber alike; here each failure says how far it got:
 *
 * - DatabaseUnavailableError: nothing was begun.
 * - CommitOutcomeUnknownError: COMMIT was sent; only then can the transaction have been applied.
 * - anything else (the work's own error, TransactionDeadlineError, TransactionDoomedError): COMMIT was never
 *   sent, and never will be on that connection: nothing was stored.
 *
 * TypeORM's transaction subscribers are not called.
 */
export class DatabaseTransactions {
  private readonly logger = new Logger(DatabaseTransactions.name);
  private readonly endListeners = new WeakMap<EntityManager, (() => void)[]>();

  /** `TxMsgModule` makes one: inject it. A service without that module makes its own. */
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Calls `listener` once when the whole transaction of `entityManager` has ended, however it ended. Does nothing for an
   * EntityManager that comes neither from `run` nor from a transaction nested in one of `run`, and answers false then.
   */
  onEnd(entityManager: EntityManager, listener: () => void): boolean {
    const listeners = this.endListeners.get(outermostEntityManager(entityManager));
    listeners?.push(listener);
    return listeners !== undefined;
  }

  /** Statements outside of a transaction, as `withConnection`: each takes effect by itself. */
  autocommit<T>(timeoutMs: number, work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    return withConnection(this.dataSource, timeoutMs, work);
  }

  /**
   * Runs `work` in a transaction of its own and returns its value. Never joins a transaction of the caller.
   * @throws see above; errors of `work` are rethrown as they are, after everything was rolled back
   */
  async run<T>(work: (context: TransactionContext) => Promise<Decision<T>>, options: RunOptions): Promise<T> {
    const { deadline } = options;
    const wholeMs = deadline.remainingMs();
    const connection = await PooledConnection.open(this.dataSource, wholeMs);
    const transaction = new GuardedTransaction(connection.runner, options.txNos);
    const timeoutMs = deadline.remainingMs();
    const phase: Phase = { commitSent: false, isClean: false };
    const endListeners: (() => void)[] = [];
    this.endListeners.set(transaction.entityManager, endListeners);
    // Most of the time went by before a connection came: the work is not at fault for what was left of it.
    const wasLate = timeoutMs < wholeMs / 2;
    // The library's own statements count too: START TRANSACTION or ROLLBACK may be the first to hang on a frozen server.
    const isWaiting = (): boolean =>
      wasLate || connection.isWaitingForDatabase || transaction.isWaitingForDatabase;
    try {
      return await withDeadline(
        this.runPhases(connection, transaction, work, options, phase),
        timeoutMs,
        () => new TransactionDeadlineError(timeoutMs, isWaiting()),
      );
    } catch (error) {
      if (error instanceof TransactionDeadlineError) transaction.end('DEADLINE');
      if (phase.commitSent) throw new CommitOutcomeUnknownError({ cause: error });
      throw error;
    } finally {
      transaction.end('CONNECTION_CLOSED');
      if (phase.isClean) connection.release();
      else connection.destroy();
      for (const listener of endListeners) this.callEndListener(listener);
    }
  }

  /** What it throws must not be mistaken for a failure of the transaction, which has ended. */
  private callEndListener(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.logger.error({ message: 'a listener for the end of a transaction failed', cause: String(error) });
    }
  }

  private async runPhases<T>(
    connection: PooledConnection,
    transaction: GuardedTransaction,
    work: (context: TransactionContext) => Promise<Decision<T>>,
    { beforeCommit }: RunOptions,
    phase: Phase,
  ): Promise<T> {
    await begin(connection);
    const context: TransactionContext = {
      entityManager: transaction.entityManager,
      statementsMs: () => transaction.statementsMs,
      assertAlive: () => {
        transaction.assertAlive();
      },
      dropConnection: () => {
        transaction.doom(new ConnectionDroppedError());
        connection.destroy();
      },
    };
    const { decision, value } = await this.workOrRollBack(
      connection,
      transaction,
      () => work(context),
      phase,
    );
    if (decision === 'COMMIT') {
      // When the connection is dropped now, it is COMMIT that fails, and its outcome is unknown.
      await beforeCommit?.({
        ...context,
        dropConnection: () => {
          connection.destroy();
        },
      });
    }
    // Nothing may be awaited between these two calls and the command: see GuardedEntityManager.end.
    transaction.assertReadyToEnd();
    transaction.end(decision);
    if (decision === 'ROLLBACK') {
      await rollBack(connection, phase);
      return value;
    }
    phase.commitSent = true;
    await connection.command('COMMIT');
    phase.isClean = true;
    return value;
  }

  /** An error of the work leaves the connection usable, unless it is the connection's own: roll back and keep it. */
  private async workOrRollBack<T>(
    connection: PooledConnection,
    transaction: GuardedTransaction,
    work: () => Promise<Decision<T>>,
    phase: Phase,
  ): Promise<Decision<T>> {
    try {
      const decision = await work();
      transaction.assertReadyToEnd();
      return decision;
    } catch (error) {
      transaction.end('ROLLBACK');
      if (!transaction.isWaitingForDatabase && !isConnectionLost(error)) {
        await rollBack(connection, phase).catch(() => undefined);
      }
      throw error;
    }
  }
}

interface Phase {
  /** Set just before COMMIT goes out: from then on every error means "not known". */
  commitSent: boolean;
  /** Set when the server confirmed the transaction's end: only then may the connection be used again. */
  isClean: boolean;
}

/** The same code as the driver's error for a lost connection. */
class ConnectionDroppedError extends Error {
  readonly code = 'PROTOCOL_CONNECTION_LOST';
  readonly fatal = true;

  constructor() {
    super('The connection was dropped on purpose.');
  }
}

async function rollBack(connection: PooledConnection, phase: Phase): Promise<void> {
  await connection.command('ROLLBACK');
  phase.isClean = true;
}

async function begin(connection: PooledConnection): Promise<void> {
  try {
    await connection.command('START TRANSACTION');
  } catch (error) {
    throw new DatabaseUnavailableError('The database refused to begin a transaction.', { cause: error });
  }
}
