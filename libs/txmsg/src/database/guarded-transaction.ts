import { Logger } from '@nestjs/common';
import type { EntityManager, QueryRunner } from 'typeorm';
import { TransactionDoomedError, TransactionOverError } from '../errors/index.js';
import { shownStatement } from './forbidden-statements.js';
import { GuardedEntityManager } from './guarded-entity-manager.js';
import { isConnectionLost, isLockConflict } from './mysql-errors.js';

/** How a transaction ended, as far as its handler is concerned. */
export type TransactionEnd = 'COMMIT' | 'ROLLBACK' | 'CONNECTION_CLOSED';

/**
 * Stands between a handler and its transaction: dooms the transaction at the first error that has ended it in the
 * database, and ends the handler's EntityManager when the transaction ends.
 *
 * Why: InnoDB answers a deadlock (1213) by rolling back the whole transaction. When the handler swallows that
 * error, its next statements would run in autocommit mode, without the barrier row, and stay. After a lock
 * timeout (1205) only the statement is gone, and half a transfer would be committed. So nothing passes any more.
 */
export class GuardedTransaction {
  private readonly logger = new Logger(GuardedTransaction.name);
  private readonly guarded: GuardedEntityManager;
  private doomedBy: Error | undefined;
  private endedBy: TransactionEnd | undefined;
  private isLateLogged = false;

  /** @param txNos - what the transaction is about, for the log */
  constructor(
    runner: QueryRunner,
    private readonly txNos: readonly string[] = [],
  ) {
    this.guarded = new GuardedEntityManager(runner, {
      assertAlive: () => {
        this.assertAlive();
      },
      onFailure: (error) => {
        if (isLockConflict(error) || isConnectionLost(error)) this.doom(error as Error);
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

  /** True while a statement waits for the database: a deadline that passes now is the database's doing. */
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
    if (this.endedBy !== undefined) throw new TransactionOverError();
  }

  /**
   * The last look before COMMIT or ROLLBACK.
   * @throws TransactionDoomedError, TransactionOverError, NestedTransactionOpenError, UnfinishedStatementError
   */
  assertReadyToEnd(): void {
    this.assertAlive();
    this.guarded.assertFinished();
  }

  /** Call it in the tick that sends COMMIT or ROLLBACK, or closes the connection; the first call counts. */
  end(endedBy: TransactionEnd): void {
    this.endedBy ??= endedBy;
    this.guarded.end();
  }

  /** Said once for each transaction, because it is a mistake in the handler that nobody may ever see otherwise. */
  private refuseLate(statement: string): Error {
    const error = new TransactionOverError();
    if (!this.isLateLogged) {
      this.isLateLogged = true;
      this.logger.error({
        message:
          'a statement came after the end of its transaction and was refused; the handler must await it',
        txNos: this.txNos,
        endedBy: this.endedBy ?? 'NESTED_TRANSACTION',
        statement: shownStatement(statement),
        stack: error.stack,
      });
    }
    return error;
  }
}
