import { Logger } from '@nestjs/common';
import type { EntityManager, QueryRunner } from 'typeorm';
import type { TransactionEnd } from '../errors/database.errors.js';
import { TransactionDoomedError, TransactionOverError } from '../errors/index.js';
import { shownStatement } from './forbidden-statements.js';
import { GuardedEntityManager } from './guarded-entity-manager.js';
import { isConnectionLost, isLockConflict, isLockTableFull } from './mysql-errors.js';

const LATE = 'a statement came after the end of its transaction and was refused; the handler must await it';
const PAST_DEADLINE =
  'a statement came after the deadline of its transaction, which was rolled back, and was refused';

/**
 * Stands between a handler and its transaction: dooms the transaction at the first error that has ended it in the
 * database, and ends the handler's EntityManager when the transaction ends.
 *
 * Why: InnoDB answers a deadlock (1213) by rolling back the whole transaction. When the handler catches that error and
 * goes on, its next statements would run in autocommit mode, and take effect without the barrier row. After a lock timeout
 * (1205) only the statement is rolled back, and half of the handler's work would be committed. So every statement after
 * such an error is refused, also one that was asked for before it: TypeORM's `save` of several entities sends them at once.
 */
export class GuardedTransaction {
  private readonly logger = new Logger(GuardedTransaction.name);
  private readonly guarded: GuardedEntityManager;
  private doomedBy: Error | undefined;
  private endedBy: TransactionEnd | undefined;
  private isLateLogged = false;
  /** Of the statements without an answer, the last. */
  private lastSent: Promise<unknown> | undefined;
  private busySinceMs = 0;
  private busyMs = 0;

  /** @param txNos - what the transaction is about, for the log */
  constructor(
    runner: QueryRunner,
    private readonly txNos: readonly string[] = [],
  ) {
    this.guarded = new GuardedEntityManager(runner, {
      assertAlive: () => {
        this.assertAlive();
      },
      inTurn: (send) => this.inTurn(send),
      onFailure: (error) => {
        if (isLockConflict(error) || isLockTableFull(error) || isConnectionLost(error))
          this.doom(error as Error);
      },
      onSent: () => {
        if (!this.isWaitingForDatabase) this.busySinceMs = performance.now();
      },
      onAnswered: () => {
        if (!this.isWaitingForDatabase) this.busyMs += performance.now() - this.busySinceMs;
      },
      doom: (error) => {
        this.doom(error);
      },
      refuseLate: (statement) => this.refuseLate(statement),
    });
  }

  get entityManager(): EntityManager {
    return this.guarded.entityManager;
  }

  /** For how long a statement was under way so far, in ms. */
  get statementsMs(): number {
    return this.busyMs;
  }

  /** True while a statement waits for the database: a deadline that passes now is not the handler's fault. */
  get isWaitingForDatabase(): boolean {
    return this.guarded.statementsUnderWay > 0;
  }

  /** From now on every statement through this transaction's EntityManager is refused, and so is COMMIT. */
  doom(error: Error): void {
    this.doomedBy ??= error;
  }

  /** @throws TransactionDoomedError with the first error as its cause; TransactionOverError */
  assertAlive(): void {
    if (this.doomedBy !== undefined) throw new TransactionDoomedError({ cause: this.doomedBy });
    if (this.endedBy !== undefined) throw new TransactionOverError(this.endedBy);
  }

  /**
   * Called before COMMIT or ROLLBACK.
   * @throws TransactionDoomedError, TransactionOverError, NestedTransactionOpenError, UnfinishedStatementError
   */
  assertReadyToEnd(): void {
    this.assertAlive();
    this.guarded.assertFinished();
  }

  /** Call it in the same tick that sends COMMIT or ROLLBACK, or closes the connection; only the first `endedBy` is told. */
  end(endedBy: TransactionEnd): void {
    this.endedBy ??= endedBy;
    this.guarded.end(endedBy === 'COMMIT' || endedBy === 'ROLLBACK');
  }

  /**
   * One statement at a time. The driver would keep the others, and send the next one as soon as a deadlock has been answered,
   * before anybody here could stop it: in autocommit mode.
   */
  private inTurn(send: () => Promise<unknown>): Promise<unknown> {
    const answer = this.lastSent === undefined ? send() : this.lastSent.then(send, send);
    this.lastSent = answer;
    const forget = (): void => {
      if (this.lastSent === answer) this.lastSent = undefined;
    };
    answer.then(forget, forget);
    return answer;
  }

  /** Logged once for each transaction: code that does not await its statement may not look at the error either. */
  private refuseLate(statement: string): Error {
    const endedBy = this.endedBy ?? 'NESTED_TRANSACTION';
    const error = new TransactionOverError(endedBy);
    if (!this.isLateLogged) {
      this.isLateLogged = true;
      this.logger.error({
        message: endedBy === 'DEADLINE' ? PAST_DEADLINE : LATE,
        txNos: this.txNos,
        endedBy,
        statement: shownStatement(statement),
        stack: error.stack,
      });
    }
    return error;
  }
}
