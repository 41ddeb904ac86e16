import type { EntityManager, QueryRunner } from 'typeorm';
import {
  ForbiddenStatementError,
  TransactionDoomedError,
  UnfinishedStatementError,
} from '../errors/index.js';
import { isConnectionLost, isLockConflict } from './mysql-errors.js';

/**
 * Stands between a handler and its transaction, and dooms the transaction at the first error that has ended
 * it in the database.
 *
 * Why: InnoDB answers a deadlock (1213) by rolling back the whole transaction. When the handler swallows that
 * error, its next statements would run in autocommit mode, without the barrier row, and stay. After a lock
 * timeout (1205) only the statement is gone, and half a transfer would be committed. So nothing passes any more.
 */
export class GuardedTransaction {
  private doomedBy: Error | undefined;
  private savepoints = 0;
  private queriesUnderWay = 0;

  constructor(private readonly runner: QueryRunner) {
    // TypeORM asks this before pessimistic locks, and before it would begin a transaction of its own.
    Object.assign(runner, { isTransactionActive: true });
    this.guardQueries();
    this.guardTransactionCalls();
  }

  get entityManager(): EntityManager {
    return this.runner.manager;
  }

  /** True while a statement waits for the database: a deadline that passes now is the database's doing. */
  get isWaitingForDatabase(): boolean {
    return this.queriesUnderWay > 0;
  }

  /** From now on every statement through this transaction's EntityManager is refused. */
  doom(error: Error): void {
    this.doomedBy ??= error;
  }

  /** @throws TransactionDoomedError with the first error as its cause */
  assertAlive(): void {
    if (this.doomedBy !== undefined) throw new TransactionDoomedError({ cause: this.doomedBy });
  }

  /**
   * The last look before COMMIT.
   * @throws TransactionDoomedError; UnfinishedStatementError when the handler did not await a statement, whose
   * failure would come too late to stop the COMMIT
   */
  assertReadyToCommit(): void {
    this.assertAlive();
    if (this.queriesUnderWay > 0) throw new UnfinishedStatementError(this.queriesUnderWay);
  }

  private guardQueries(): void {
    const runner = this.runner;
    const query = runner.query.bind(runner) as (
      sql: string,
      parameters?: unknown[],
      structured?: boolean,
    ) => Promise<unknown>;
    const guarded = async (sql: string, parameters?: unknown[], structured?: boolean): Promise<unknown> => {
      this.assertAlive();
      if (ENDS_TRANSACTION.test(sql)) throw new ForbiddenStatementError(sql.trim().slice(0, 60));
      this.queriesUnderWay += 1;
      try {
        return await query(sql, parameters, structured);
      } catch (error) {
        if (isLockConflict(error) || isConnectionLost(error)) this.doom(error as Error);
        throw error;
      } finally {
        this.queriesUnderWay -= 1;
      }
    };
    runner.query = guarded as QueryRunner['query'];
    runner.stream = () => Promise.reject(new ForbiddenStatementError('stream()'));
  }

  /** Nested transactions of the handler are savepoints; the outermost one belongs to the library. */
  private guardTransactionCalls(): void {
    const runner = this.runner;
    runner.startTransaction = async () => {
      await runner.query(`SAVEPOINT ${savepointName(this.savepoints)}`);
      this.savepoints += 1;
    };
    runner.commitTransaction = async () => {
      if (this.savepoints === 0) throw new ForbiddenStatementError('commitTransaction()');
      this.savepoints -= 1;
      await runner.query(`RELEASE SAVEPOINT ${savepointName(this.savepoints)}`);
    };
    runner.rollbackTransaction = async () => {
      if (this.savepoints === 0) throw new ForbiddenStatementError('rollbackTransaction()');
      this.savepoints -= 1;
      await runner.query(`ROLLBACK TO SAVEPOINT ${savepointName(this.savepoints)}`);
    };
    runner.release = () => Promise.reject(new ForbiddenStatementError('release()'));
  }
}

function savepointName(depth: number): string {
  return `txmsg_${depth}`;
}

/**
 * Statements that begin, end or implicitly commit a transaction (MySQL 8.0 manual, 15.3.3). TEMPORARY tables
 * do not commit. A guard against accidents; it is no parser and does not look into stored procedures.
 */
const ENDS_TRANSACTION =
  /^\s*(?:\/\*.*?\*\/\s*)?(?:commit\b|rollback\b(?!\s+(?:work\s+)?to\b)|begin\b|start\s+transaction\b|set\s+(?:session\s+|@@(?:session\.)?)?autocommit\b|alter\b|create\s+(?!temporary\b)|drop\s+(?!temporary\b)|rename\b|truncate\b|lock\s+tables?\b|unlock\s+tables?\b|grant\b|revoke\b|xa\b|analyze\b|optimize\b|repair\b|flush\b)/is;
