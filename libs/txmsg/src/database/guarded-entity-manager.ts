import type { EntityManager, QueryRunner } from 'typeorm';
import { ForbiddenStatementError, UnfinishedStatementError } from '../errors/index.js';

/** What the transaction of a guarded EntityManager says about its statements. */
export interface StatementRules {
  /** Throws when the transaction cannot go on. */
  assertAlive(): void;
  /** Called with every error of a statement: some errors end the transaction in the database. */
  onFailure(error: unknown): void;
  /** The error for a statement that came after this EntityManager had ended. */
  refuseLate(statement: string): Error;
}

/**
 * An EntityManager for a handler, on a connection that belongs to the library. After `end` every statement throws and never
 * reaches the connection, which stays in use.
 *
 * It has a query runner of its own, derived from the connection's, so that several of them may follow each other on
 * one connection. Transactions that the handler begins are savepoints.
 */
export class GuardedEntityManager {
  readonly entityManager: EntityManager;
  private readonly query: (sql: string, parameters?: unknown[], structured?: boolean) => Promise<unknown>;
  private hasEnded = false;
  private savepoints = 0;
  private underWay = 0;

  constructor(
    connectionRunner: QueryRunner,
    private readonly rules: StatementRules,
  ) {
    const runner = Object.create(connectionRunner) as QueryRunner;
    this.query = connectionRunner.query.bind(runner) as GuardedEntityManager['query'];
    this.entityManager = connectionRunner.dataSource.createEntityManager(runner);
    // Subscribers, too, get this runner and no other.
    const broadcaster = Object.create(connectionRunner.broadcaster) as object;
    Object.assign(broadcaster, { queryRunner: runner });
    // TypeORM asks `isTransactionActive` before pessimistic locks, and before it would begin a transaction of its own.
    // `isReleased` stays false: a statement that comes late is refused here, with an error that says why.
    const state = { isTransactionActive: true, isReleased: false };
    Object.assign(runner, { manager: this.entityManager, broadcaster, ...state });
    this.guardStatements(runner);
    this.guardTransactionCalls(runner);
  }

  /** Statements that were sent and have no answer yet. */
  get statementsUnderWay(): number {
    return this.underWay;
  }

  /**
   * From now on every statement is refused. Must be called in the same tick that sends COMMIT, ROLLBACK or a savepoint: a
   * statement that came in between would be queued behind it on the connection, and then run outside of the transaction.
   */
  end(): void {
    this.hasEnded = true;
  }

  /**
   * @throws UnfinishedStatementError when the handler did not await a statement, whose failure would come too late to
   * stop the COMMIT
   */
  assertFinished(): void {
    if (this.underWay > 0) throw new UnfinishedStatementError(this.underWay);
  }

  private guardStatements(runner: QueryRunner): void {
    const guarded = async (sql: string, parameters?: unknown[], structured?: boolean): Promise<unknown> => {
      if (this.hasEnded) throw this.rules.refuseLate(sql);
      this.rules.assertAlive();
      if (ENDS_TRANSACTION.test(sql)) throw new ForbiddenStatementError(sql.trim().slice(0, 60));
      this.underWay += 1;
      try {
        return await this.query(sql, parameters, structured);
      } catch (error) {
        this.rules.onFailure(error);
        throw error;
      } finally {
        this.underWay -= 1;
      }
    };
    runner.query = guarded as QueryRunner['query'];
    runner.stream = () => Promise.reject(new ForbiddenStatementError('stream()'));
  }

  /** Nested transactions of the handler are savepoints; the outermost one belongs to the library. */
  private guardTransactionCalls(runner: QueryRunner): void {
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
 * do not commit. It guards against accidents: it does not parse SQL, and does not see what stored procedures do.
 */
const ENDS_TRANSACTION =
  /^\s*(?:\/\*.*?\*\/\s*)?(?:commit\b|rollback\b(?!\s+(?:work\s+)?to\b)|begin\b|start\s+transaction\b|set\s+(?:session\s+|@@(?:session\.)?)?autocommit\b|alter\b|create\s+(?!temporary\b)|drop\s+(?!temporary\b)|rename\b|truncate\b|lock\s+tables?\b|unlock\s+tables?\b|grant\b|revoke\b|xa\b|analyze\b|optimize\b|repair\b|flush\b)/is;
