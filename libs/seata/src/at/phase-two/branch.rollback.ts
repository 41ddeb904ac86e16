import { Logger } from '@nestjs/common';
import type { DatabaseTransactions, Deadline, TransactionContext } from 'txmsg';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import type { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import {
  AtDirtyRowError,
  AtValueRefusedError,
  UndoLogDamagedError,
  UndoLogForeignError,
} from '../../errors/at.errors.js';
import type { Branch, PhaseTwoAnswer } from '../../rm/branch.js';
import { LoggedOnce } from '../../rm/logged-once.js';
import { undoLogContent } from '../undo/undo-log.content.js';
import { readUndoLog } from '../undo/undo-log.reader.js';
import { UNDO_LOG_STATUS, undoLogStore, type UndoLogRow } from '../undo/undo-log.store.js';
import { RowRestorer } from './row.restorer.js';
import { UndoEntries } from './undo-entries.js';

type Step = 'rollback-begun' | 'rollback-executed' | 'rollback-before-commit' | 'rolled-back';

/**
 * Rolls branches back. Whatever branch the coordinator names, all undo logs of its global transaction in this database are
 * carried out, the latest first: Seata 2.0.0 names them in the order in which they were registered, and an earlier change of a
 * row cannot be undone before a later one. Each is a transaction of its own, so that what was done within one request need
 * not be done by the next, and leaves a marker, so that the later requests find it done.
 */
export class BranchRollback {
  private readonly logger = new Logger(BranchRollback.name);
  private readonly loggedOnce = new LoggedOnce();

  constructor(
    private readonly transactions: Pick<DatabaseTransactions, 'run' | 'autocommit'>,
    private readonly javaTimeZone: string,
    private readonly faults: FaultInjector,
    private readonly rowsMax: number,
  ) {}

  /** @throws what can heal: the coordinator asks again */
  async rollback(branch: Branch, deadline: Deadline): Promise<PhaseTwoAnswer> {
    const asked = String(branch.branchId);
    // What was seen when an undo log could not be carried out.
    let seen: readonly string[] = [];
    let current: UndoLogRow | undefined;
    let isDone = false;
    try {
      const rows = await this.readAll(branch.xid, deadline);
      const open = rows.filter(({ log_status }) => log_status === UNDO_LOG_STATUS);
      seen = rows.map(({ branch_id }) => branch_id);
      if (!seen.includes(asked)) {
        // Phase one may still be under way: its COMMIT then meets the marker.
        await this.inTransaction(branch, deadline, (manager) => undoLogStore.insertMarker(manager, branch));
        seen = [...seen, asked];
      }
      isDone = !open.some(({ branch_id }) => branch_id === asked);
      for (const row of open) {
        current = row;
        await this.inTransaction(branch, deadline, (manager) => this.undo(branch.xid, row, seen, manager));
        isDone ||= row.branch_id === asked;
      }
    } catch (error) {
      // What is left are other branches, for each of which the coordinator asks too. But a row that two of them have changed is
      // locked for the first: that one is done when nothing is left that this process can undo later, and no later branch that
      // another process can undo.
      if (!isDone || !isForGood(error) || isLeftByLater(error, current, branch)) {
        return this.answerTo(error, branch, seen, deadline);
      }
    }
    await this.at('rolled-back', branch);
    return 'DONE';
  }

  private inTransaction(
    branch: Branch,
    deadline: Deadline,
    work: (manager: EntityManager) => Promise<void>,
  ): Promise<void> {
    return this.transactions.run(
      async (transaction) => {
        await this.at('rollback-begun', branch, transaction);
        await work(transaction.entityManager);
        await this.at('rollback-executed', branch, transaction);
        return { decision: 'COMMIT', value: undefined };
      },
      {
        deadline,
        txNos: [branch.xid],
        beforeCommit: (transaction) => this.at('rollback-before-commit', branch, transaction),
      },
    );
  }

  /** @param seen - the branches that were seen when the order was read: a later one must be undone first */
  private async undo(
    xid: string,
    row: UndoLogRow,
    seen: readonly string[],
    manager: EntityManager,
  ): Promise<void> {
    const now = await undoLogStore.lockAll(manager, xid);
    if (!areSame(seen, [...now.keys()])) {
      throw new Error('the undo logs of the global transaction are not those that were read');
    }
    // Another request was faster.
    if (now.get(row.branch_id) !== UNDO_LOG_STATUS) return;
    const query = (sql: string, parameters?: unknown[]): Promise<unknown> => manager.query(sql, parameters);
    const restorer = new RowRestorer(query, this.rowsMax);
    const entries = new UndoEntries(query, this.javaTimeZone);
    const content = undoLogContent(row.context, row.rollback_info);
    for (const change of readUndoLog(content, xid, row.branch_id).toReversed()) {
      if (change.before.length + change.after.length === 0) continue;
      await restorer.restore(await entries.entryOf(change));
    }
    await undoLogStore.toMarker(manager, { xid, branchId: BigInt(row.branch_id) });
  }

  private async answerTo(
    error: unknown,
    branch: Branch,
    seen: readonly string[],
    deadline: Deadline,
  ): Promise<PhaseTwoAnswer> {
    if (error instanceof UndoLogForeignError) {
      if (this.loggedOnce.isNew(`${branch.xid} ${branch.branchId} ${error.message}`)) {
        this.log('an undo log is left to a process that can carry it out', branch, error);
      }
      return 'RETRY';
    }
    if (error instanceof UndoLogDamagedError) return this.giveUp(branch, error);
    const isOfRow = error instanceof AtDirtyRowError || error instanceof AtValueRefusedError;
    // Phase one has committed between the look and the marker: the next request finds its undo log.
    if (!isOfRow && isDuplicateEntry(error)) return 'RETRY';
    // A row that holds what no undo log may hold was changed by others.
    if (!isOfRow) throw error;
    // A later branch of the same global transaction may have changed the row, and committed since.
    const now = await this.readAll(branch.xid, deadline);
    if (
      !areSame(
        seen,
        now.map(({ branch_id }) => branch_id),
      )
    )
      return 'RETRY';
    return this.giveUp(branch, error);
  }

  private readAll(xid: string, deadline: Deadline): Promise<UndoLogRow[]> {
    return this.transactions.autocommit(deadline.remainingMs(), (manager) =>
      undoLogStore.readAll(manager, xid),
    );
  }

  private giveUp(branch: Branch, error: Error): PhaseTwoAnswer {
    this.log(
      'a branch cannot be rolled back, and the coordinator stops asking: a person must look',
      branch,
      error,
    );
    return 'NEVER';
  }

  private log(message: string, { xid, branchId, resourceId }: Branch, error: Error): void {
    const details =
      error instanceof AtDirtyRowError ? { table: error.table, key: error.key, columns: error.columns } : {};
    const reason = error.cause instanceof Error ? { reason: error.cause.message } : {};
    this.logger.error({
      ...{ message, xid, branchId: String(branchId), resourceId, ...details },
      ...{ cause: error.message, ...reason },
    });
  }

  private at(step: Step, { xid }: Branch, transaction?: TransactionContext): Promise<void> {
    return this.faults.at(`service:seata.at.${step}`, {
      txNo: xid,
      dropConnection: transaction?.dropConnection,
    });
  }
}

/** Whether this process could not undo it at a later request either. */
function isForGood(error: unknown): boolean {
  return [UndoLogDamagedError, UndoLogForeignError, AtDirtyRowError, AtValueRefusedError].some(
    (type) => error instanceof type,
  );
}

/**
 * Whether a branch that was registered after the asked one is left to another process. An earlier one is none of its business:
 * a coordinator 1.8.0, which asks for the latest first, would never come to it. Branch ids are compared, because the marker of a
 * branch whose phase one has failed is the newest row of all.
 */
function isLeftByLater(error: unknown, row: UndoLogRow | undefined, { branchId }: Branch): boolean {
  return error instanceof UndoLogForeignError && row !== undefined && BigInt(row.branch_id) > branchId;
}

function areSame(seen: readonly string[], now: readonly string[]): boolean {
  return seen.length === now.length && seen.every((branchId) => now.includes(branchId));
}
