import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import {
  CommitOutcomeUnknownError,
  DatabaseTransactions,
  type Deadline,
  type TransactionContext,
} from 'txmsg';
import { isDuplicateEntry, isLockConflict } from 'txmsg/building-blocks';
import { FaultInjector } from 'txmsg/faults';
import {
  GlobalLockConflictError,
  GlobalTransactionOverError,
  NoGlobalTransactionError,
} from '../errors/index.js';
import { AtConflictError, AtImageChangedError, AtIsOffError, AtTooLargeError } from '../errors/at.errors.js';
import { BranchRegistrar } from '../rm/branch.registrar.js';
import { currentGlobalTransaction, type GlobalTransactionContext } from '../tm/global-transaction.context.js';
import { AtBranchProbe, type CommittedRow } from './at-branch.probe.js';
import { AT_DATABASE, AT_SETTINGS, type AtDatabase } from './at.tokens.js';
import type { AtSettings } from './at.options.js';
import { atEntityManager, type AtEntityManager } from './phase-one/at-entity-manager.js';
import { AtWork } from './phase-one/at-work.js';
import { lockedImage, lockKeyOf } from './phase-one/lock-key.js';
import { loadSqlParser } from './sql/sql-parser.js';
import { StatementCache } from './sql/statement.cache.js';
import { undoLogStore } from './undo/undo-log.store.js';
import { undoLogText } from './undo/undo-log.writer.js';

/** How one AT transaction is run. */
export interface AtRunOptions {
  /**
   * Whether the row by which the work is known is there: then the initiator can prove that the global transaction was
   * committed when the coordinator's answer is lost. Reads alone, outside of the transaction. @default it stays unknown
   */
  readonly committedRow?: CommittedRow;
}

/** A registered branch of one try. */
interface Registered {
  branchId?: bigint;
}

type Step =
  'begun' | 'before-image' | 'executed' | 'registered' | 'undo-written' | 'before-commit' | 'committed';

/**
 * Phase one of AT: a local transaction that is committed at once, with an undo log that takes it back if the global transaction
 * is rolled back. Until that has ended, its rows are under global locks: other AT transactions cannot change them, and
 * SELECT … FOR UPDATE does not show them. A plain SELECT shows what may still be rolled back.
 *
 * ```ts
 * await this.atTransactions.run(async (manager) => {
 *   await manager.query('UPDATE account SET balance = balance - ? WHERE id = ?', ['2.00', 1]);
 * });
 * ```
 */
@Injectable()
export class AtTransactions {
  private readonly statements = new StatementCache();

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly registrar: BranchRegistrar,
    private readonly probe: AtBranchProbe,
    private readonly faults: FaultInjector,
    @Inject(AT_DATABASE) private readonly database: AtDatabase,
    @Inject(AT_SETTINGS) private readonly settings: AtSettings,
  ) {}

  /**
   * Runs `work` as a branch of the global transaction that the caller is in, in a database transaction of its own, and returns
   * its value when that is committed. A work that changes nothing makes no branch.
   *
   * `work` may run several times, each time after a complete rollback, when locks are in its way: let it do nothing but
   * statements of its EntityManager. Not guaranteed: that the change stays; a rollback of the global transaction undoes it.
   *
   * @throws AtIsOffError, NoGlobalTransactionError, GlobalTransactionOverError; AtStatementRefusedError, AtValueRefusedError,
   * AtTooLargeError; AtConflictError after the last try; CoordinatorUnavailableError and the other errors of the coordinator;
   * CommitOutcomeUnknownError; errors of `work`. Whatever it throws, roll back the global transaction.
   */
  run<T>(work: (manager: AtEntityManager) => Promise<T>, options: AtRunOptions = {}): Promise<T> {
    if (!this.settings.isOn) return Promise.reject(new AtIsOffError('AtTransactions.run'));
    const context = currentGlobalTransaction();
    if (context === undefined) return Promise.reject(new NoGlobalTransactionError('AtTransactions.run'));
    return context.branch(async (deadline) => {
      await loadSqlParser();
      return this.tryUntilDone(context, work, options, deadline);
    });
  }

  private async tryUntilDone<T>(
    context: GlobalTransactionContext,
    work: (manager: AtEntityManager) => Promise<T>,
    options: AtRunOptions,
    deadline: Deadline,
  ): Promise<T> {
    const { attemptsMax, retryPauseMs, retryPauseMaxMs } = this.settings;
    for (let tries = 1; ; tries++) {
      try {
        return await this.tryOnce(context, work, options, deadline);
      } catch (error) {
        if (!isConflict(error)) throw error;
        const longest = Math.min(retryPauseMaxMs, retryPauseMs * 2 ** Math.min(tries - 1, 20));
        // Those who met over one row do not come back together.
        const pauseMs = longest * (0.5 + Math.random() / 2);
        if (tries >= attemptsMax || deadline.remainingMs() <= pauseMs) {
          throw new AtConflictError(context.xid, tries, { cause: error });
        }
        await delay(pauseMs);
      }
    }
  }

  private async tryOnce<T>(
    context: GlobalTransactionContext,
    work: (manager: AtEntityManager) => Promise<T>,
    { committedRow }: AtRunOptions,
    deadline: Deadline,
  ): Promise<T> {
    const { xid } = context;
    const registered: Registered = {};
    const addOwnBranch = (): void => {
      if (registered.branchId === undefined) return;
      const branch = { xid, branchId: registered.branchId };
      context.ownBranches.add(this.probe.ownBranch(branch, this.settings.resourceId, committedRow));
    };
    const value = await this.transactions
      .run(
        async (transaction) => ({
          decision: 'COMMIT' as const,
          value: await this.phaseOne(xid, work, transaction, deadline, registered),
        }),
        { deadline, txNos: [xid], beforeCommit: (transaction) => this.at('before-commit', xid, transaction) },
      )
      .catch((error: unknown) => {
        // Every other error proves that nothing was stored. Such a branch is not reported as failed: a coordinator that rolls
        // back would forget it first, and with it the lock of a row that a later branch of this transaction has changed.
        if (error instanceof CommitOutcomeUnknownError) addOwnBranch();
        throw error;
      });
    addOwnBranch();
    await this.at('committed', xid);
    return value;
  }

  private async phaseOne<T>(
    xid: string,
    work: (manager: AtEntityManager) => Promise<T>,
    transaction: TransactionContext,
    deadline: Deadline,
    registered: Registered,
  ): Promise<T> {
    await this.at('begun', xid, transaction);
    const statements = this.workOf(xid, transaction, deadline);
    const value = await work(atEntityManager(transaction.entityManager, statements));
    statements.end();
    transaction.assertAlive();
    if (statements.entries.length === 0) return value;
    const { resourceId, javaTimeZone, undoLogBytesMax } = this.settings;
    const lockKey = lockKeyOf(statements.entries.map(lockedImage));
    // Before the branch is registered: what cannot be written must not be asked for.
    const content = (branchId: bigint): string =>
      undoLogText(xid, branchId, statements.entries, javaTimeZone);
    if (Buffer.byteLength(content(0n)) > undoLogBytesMax) {
      throw new AtTooLargeError('bytes of the undo log', undoLogBytesMax, 'at.undoLogBytesMax');
    }
    const branchId = await this.registrar.register({ xid, branchType: 'AT', resourceId, lockKey }, deadline);
    registered.branchId = branchId;
    await this.at('registered', xid, transaction);
    await this.writeUndoLog(xid, branchId, content(branchId), transaction);
    await this.at('undo-written', xid, transaction);
    return value;
  }

  private async writeUndoLog(
    xid: string,
    branchId: bigint,
    content: string,
    { entityManager }: TransactionContext,
  ): Promise<void> {
    try {
      await undoLogStore.insert(entityManager, { xid, branchId }, content);
    } catch (error) {
      // A marker: the coordinator has rolled the branch back before it was there.
      if (isDuplicateEntry(error)) throw new GlobalTransactionOverError(xid, 'COORDINATOR');
      throw error;
    }
  }

  private workOf(xid: string, transaction: TransactionContext, deadline: Deadline): AtWork {
    const { resourceId, imageRowsMax } = this.settings;
    return new AtWork({
      statements: this.statements,
      tables: this.database.tables,
      database: this.database.name,
      rowsMax: imageRowsMax,
      deadline,
      lockQuery: (lockKey, until) => this.registrar.lockQuery({ xid, resourceId, lockKey }, until),
      lockConflict: (lockKey) =>
        new GlobalLockConflictError(xid, resourceId, lockKey, false, 'SELECT … FOR UPDATE asked for it.'),
      faultAt: (step) => this.at(step, xid, transaction),
    });
  }

  private at(step: Step, xid: string, transaction?: TransactionContext): Promise<void> {
    return this.faults.at(`service:seata.at.${step}`, {
      txNo: xid,
      dropConnection: transaction?.dropConnection,
    });
  }
}

/** True when another try of the same work may pass, after a complete rollback: never once COMMIT was sent. */
function isConflict(error: unknown): boolean {
  if (error instanceof CommitOutcomeUnknownError) return false;
  return (
    error instanceof GlobalLockConflictError || error instanceof AtImageChangedError || isLockConflict(error)
  );
}
