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
import { undoLogContent } from '../undo/undo-log.content.js';
import { readUndoLog } from '../undo/undo-log.reader.js';
import { UNDO_LOG_STATUS, undoLogStore, type UndoLogRow } from '../undo/undo-log.store.js';
import { RowRestorer } from './row.restorer.js';
import { UndoEntries } from './undo-entries.js';

type Step = 'rollback-begun' | 'rollback-executed' | 'rollback-before-commit' | 'rolled-back';

/**
 * Rolls branches back. Whatever branch the coordinator names, all undo logs of its global transaction in this database are
 * carried out, the latest first: Seata 2.0.0 names them in the order in which they were registered, and an earlier change of a
 * row cannot be taken back before a later one. Each leaves a marker, so that the later requests find it done.
 */
export class BranchRollback {
  private readonly logger = new Logger(BranchRollback.name);

  constructor(
    private readonly transactions: Pick<DatabaseTransactions, 'run'>,
    private readonly javaTimeZone: string,
    private readonly faults: FaultInjector,
    private readonly rowsMax: number,
  ) {}

  /** @throws what can heal: the coordinator asks again */
  async rollback(branch: Branch, deadline: Deadline): Promise<PhaseTwoAnswer> {
    // What was seen when an undo log could not be carried out.
    let seen: readonly string[] = [];
    try {
      await this.transactions.run(
        async (transaction) => {
          await this.at('rollback-begun', branch, transaction);
          const rows = await undoLogStore.lockAll(transaction.entityManager, branch.xid);
          seen = rows.map(({ id }) => id);
          await this.undoAll(branch, rows, transaction.entityManager);
          await this.at('rollback-executed', branch, transaction);
          return { decision: 'COMMIT', value: undefined };
        },
        {
          deadline,
          txNos: [branch.xid],
          beforeCommit: (transaction) => this.at('rollback-before-commit', branch, transaction),
        },
      );
    } catch (error) {
      return this.answerTo(error, branch, seen, deadline);
    }
    await this.at('rolled-back', branch);
    return 'DONE';
  }

  private async undoAll(branch: Branch, rows: readonly UndoLogRow[], manager: EntityManager): Promise<void> {
    const query = (sql: string, parameters?: unknown[]): Promise<unknown> => manager.query(sql, parameters);
    const restorer = new RowRestorer(query, this.rowsMax);
    const entries = new UndoEntries(query, this.javaTimeZone);
    for (const row of rows) {
      if (row.log_status !== UNDO_LOG_STATUS) continue;
      const content = undoLogContent(row.context, row.rollback_info);
      const changes = readUndoLog(content, branch.xid, row.branch_id);
      for (const change of changes.toReversed()) {
        if (change.before.length + change.after.length === 0) continue;
        await restorer.restore(await entries.entryOf(change));
      }
      await undoLogStore.toMarker(manager, row.id);
    }
    // Phase one may still be under way: its COMMIT then meets the marker.
    if (!rows.some((row) => row.branch_id === String(branch.branchId))) {
      await undoLogStore.insertMarker(manager, branch);
    }
  }

  private async answerTo(
    error: unknown,
    branch: Branch,
    seen: readonly string[],
    deadline: Deadline,
  ): Promise<PhaseTwoAnswer> {
    if (error instanceof UndoLogForeignError) {
      this.log('an undo log is left to a process that can read it', branch, error);
      return 'RETRY';
    }
    if (error instanceof UndoLogDamagedError) return this.giveUp(branch, error);
    const isOfRow = error instanceof AtDirtyRowError || error instanceof AtValueRefusedError;
    // Phase one has committed between the look and the marker: the next request finds its undo log.
    if (!isOfRow && isDuplicateEntry(error)) return 'RETRY';
    // A row that holds what no undo log may hold was changed by others.
    if (!isOfRow) throw error;
    // A later branch of the same global transaction may have changed the row, and committed since.
    const now = await this.idsNow(branch.xid, deadline);
    if (now.join() !== seen.join()) return 'RETRY';
    return this.giveUp(branch, error);
  }

  private idsNow(xid: string, deadline: Deadline): Promise<string[]> {
    return this.transactions.run(
      async ({ entityManager }) => ({
        decision: 'ROLLBACK',
        value: await undoLogStore.idsOf(entityManager, xid),
      }),
      { deadline, txNos: [xid] },
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
