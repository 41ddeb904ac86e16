import { setImmediate } from 'node:timers/promises';
import { QueryFailedError, type EntityManager, type QueryRunner } from 'typeorm';
import {
  ForbiddenStatementError,
  NestedTransactionOpenError,
  NestedTransactionOverlapError,
  TransactionOverError,
  TxMsgError,
  UnfinishedStatementError,
} from '../errors/index.js';
import { endsTransaction, shownStatement } from './forbidden-statements.js';

/** What the transaction of a guarded EntityManager says about its statements. */
export interface StatementRules {
  /** Throws when the transaction cannot go on. */
  assertAlive(): void;
  /** Sends a statement once every earlier one was answered; in this tick when there is none. */
  inTurn(send: () => Promise<unknown>): Promise<unknown>;
  /** Called with every error of a statement: some errors end the transaction in the database. */
  onFailure(error: unknown): void;
  /** Called when a statement is asked for, and when it was answered. */
  onSent(): void;
  onAnswered(): void;
  /** Told that a savepoint could not be rolled back: what it should have undone must not be committed. */
  doom(error: Error): void;
  /** The error for a statement that came after this EntityManager had ended. */
  refuseLate(statement: string): Error;
}

/** The part of the driver's connection that TypeORM's `query` uses. */
interface Driver {
  promise(): { readonly query: (...statement: unknown[]) => Promise<unknown> };
}

type Query = (sql: string, parameters?: unknown[], structured?: boolean) => Promise<unknown>;
type NestedWork<T> = (entityManager: EntityManager) => Promise<T>;

/** Of the EntityManager of a nested transaction, that of the whole one. */
const outermost = new WeakMap<EntityManager, EntityManager>();

/** The EntityManager that a transaction began with, given that or the one of a transaction nested in it. */
export function outermostEntityManager(entityManager: EntityManager): EntityManager {
  return outermost.get(entityManager) ?? entityManager;
}

/**
 * An EntityManager for a handler, on a connection that belongs to the library. After `end` every statement throws and never
 * reaches the connection, which stays in use. A statement that fails when the work is over is not answered.
 *
 * It has a query runner of its own, derived from the connection's, so that several of them may follow each other on
 * one connection. Transactions that the handler begins are savepoints, each with an EntityManager of its own. While
 * one is open, everything else waits for its end: MySQL knows one stack of savepoints for each connection, so what
 * ran beside it would be undone with it, and two that overlap would end each other.
 */
export class GuardedEntityManager {
  readonly entityManager: EntityManager;
  private readonly send: Query;
  private readonly underWay = new Set<Promise<unknown>>();
  private hasEnded = false;
  private isWorkOver = false;
  private nested: GuardedEntityManager | undefined;

  /** @param names - of savepoints; those of one transaction all differ */
  constructor(
    private readonly connectionRunner: QueryRunner,
    private readonly rules: StatementRules,
    private readonly names: Iterator<string, never> = savepointNames(),
  ) {
    const runner = Object.create(connectionRunner) as QueryRunner;
    this.send = this.counted(runner);
    this.entityManager = connectionRunner.dataSource.createEntityManager(runner);
    // Subscribers, too, get this runner and no other.
    const broadcaster = Object.create(connectionRunner.broadcaster) as object;
    Object.assign(broadcaster, { queryRunner: runner });
    // TypeORM asks `isTransactionActive` before pessimistic locks, and before it would begin a transaction of its own.
    // `isReleased` stays false: a statement that comes late is refused here, with an error that says why.
    const state = { isTransactionActive: true, isReleased: false };
    Object.assign(runner, { manager: this.entityManager, broadcaster, ...state });
    this.guardRunner(runner);
    this.guardTransaction();
  }

  /** Statements that were sent and have no answer yet, those of a nested transaction too. */
  get statementsUnderWay(): number {
    return this.underWay.size + (this.nested?.statementsUnderWay ?? 0);
  }

  /**
   * From now on every statement is refused. Must be called in the same tick that sends COMMIT, ROLLBACK or a savepoint: a
   * statement that came in between would be queued behind it on the connection, and then run outside of the transaction.
   * @param isWorkOver - false when the work may still go on, since it was not the work that ended
   */
  end(isWorkOver: boolean): void {
    this.hasEnded = true;
    this.isWorkOver ||= isWorkOver;
    this.nested?.end(isWorkOver);
  }

  /**
   * @throws NestedTransactionOpenError, UnfinishedStatementError when the handler did not await something, whose
   * failure would come too late to stop the COMMIT
   */
  assertFinished(): void {
    if (this.nested !== undefined) throw new NestedTransactionOpenError();
    if (this.underWay.size > 0) throw new UnfinishedStatementError(this.underWay.size);
  }

  private assertUsable(statement: string): void {
    if (this.hasEnded) throw this.rules.refuseLate(statement);
    this.rules.assertAlive();
    if (this.nested !== undefined) throw new NestedTransactionOverlapError(shownStatement(statement));
  }

  /** TypeORM's own `query`, which asks the runner that it is called on for the connection. */
  private counted(runner: QueryRunner): Query {
    const connect = async (): Promise<Driver> => {
      const driver = (await this.connectionRunner.connect()) as Driver;
      const query = (...statement: unknown[]): Promise<unknown> =>
        this.inTurn(() => driver.promise().query(...statement));
      return { promise: () => ({ query }) };
    };
    const sender = Object.assign(Object.create(runner) as QueryRunner, { connect });
    const query = this.connectionRunner.query.bind(sender) as Query;
    return async (...statement) => {
      this.rules.onSent();
      const answer = query(...statement).finally(() => {
        this.underWay.delete(answer);
        this.rules.onAnswered();
      });
      this.underWay.add(answer);
      try {
        return await answer;
      } catch (error) {
        if (await this.isForgotten()) return new Promise<never>(() => undefined);
        throw refusalIn(error) ?? error;
      }
    };
  }

  private inTurn(send: () => Promise<unknown>): Promise<unknown> {
    return this.rules.inTurn(async () => {
      // It was allowed when it was called; meanwhile an earlier one may have ended the transaction in the database.
      this.rules.assertAlive();
      if (this.hasEnded) throw new TransactionOverError('NESTED_TRANSACTION');
      try {
        return await send();
      } catch (error) {
        this.rules.onFailure(error);
        throw error;
      }
    });
  }

  /** Whether nobody waits for a statement that has failed: its failure would be an unhandled rejection, and end the process. */
  private async isForgotten(): Promise<boolean> {
    if (!this.hasEnded) return false;
    // Of several that fail at the end, the first may be the one that the work waits for, and ends with.
    await setImmediate();
    return this.isWorkOver;
  }

  private guardRunner(runner: QueryRunner): void {
    const query: Query = async (sql, ...rest) => {
      this.assertUsable(sql);
      if (endsTransaction(sql)) throw new ForbiddenStatementError(shownStatement(sql));
      return this.send(sql, ...rest);
    };
    const refuse = (what: string) => () => Promise.reject(new ForbiddenStatementError(what));
    Object.assign(runner, {
      query,
      stream: refuse('stream()'),
      // Statements on the connection itself would pass by every rule of this class.
      connect: refuse('connect()'),
      release: refuse('release()'),
      // A savepoint that has no function around it has nothing that tells whose statements are its own.
      startTransaction: refuse('startTransaction()'),
      commitTransaction: refuse('commitTransaction()'),
      rollbackTransaction: refuse('rollbackTransaction()'),
    });
  }

  /** Not TypeORM's own, which swallows a failed ROLLBACK TO, and rolls back another savepoint when none could be made. */
  private guardTransaction(): void {
    const transaction = <T>(first: string | NestedWork<T>, second?: NestedWork<T>): Promise<T> => {
      const work = typeof first === 'function' ? first : second;
      return work === undefined
        ? Promise.reject(new TypeError('transaction() needs a function.'))
        : this.nest(work);
    };
    Object.assign(this.entityManager, { transaction });
  }

  private async nest<T>(work: NestedWork<T>): Promise<T> {
    this.assertUsable('SAVEPOINT');
    const savepoint = this.names.next().value;
    const nested = new GuardedEntityManager(this.connectionRunner, this.rules, this.names);
    outermost.set(nested.entityManager, outermostEntityManager(this.entityManager));
    this.nested = nested;
    try {
      await this.send(`SAVEPOINT ${savepoint}`);
      const value = await this.workOrUndo(nested, work, savepoint);
      return value;
    } finally {
      nested.end(true);
      this.nested = undefined;
    }
  }

  private async workOrUndo<T>(
    nested: GuardedEntityManager,
    work: NestedWork<T>,
    savepoint: string,
  ): Promise<T> {
    try {
      const value = await work(nested.entityManager);
      nested.assertFinished();
      nested.end(true);
      await this.sendUnlessEnded(`RELEASE SAVEPOINT ${savepoint}`);
      return value;
    } catch (error) {
      nested.end(true);
      await nested.silence();
      await this.undo(savepoint);
      throw error;
    }
  }

  /** When what it belongs to has ended, all of it is undone by that. */
  private async undo(savepoint: string): Promise<void> {
    if (this.hasEnded) return;
    try {
      await this.send(`ROLLBACK TO SAVEPOINT ${savepoint}`);
    } catch (error) {
      this.rules.doom(error as Error);
    }
  }

  private async sendUnlessEnded(statement: string): Promise<void> {
    if (this.hasEnded) throw this.rules.refuseLate(statement);
    await this.send(statement);
  }

  /** Waits for what was sent, or was waiting for its turn, before it ended: behind ROLLBACK TO it would no longer be undone. */
  private async silence(): Promise<void> {
    while (this.statementsUnderWay > 0) {
      await Promise.allSettled(this.underWay);
      await this.nested?.silence();
    }
  }
}

/** TypeORM takes every error for one of the driver. */
function refusalIn(error: unknown): TxMsgError | undefined {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : undefined;
  return cause instanceof TxMsgError ? cause : undefined;
}

function* savepointNames(): Generator<string, never> {
  for (let number = 0; ; number++) yield `txmsg_${number}`;
}
