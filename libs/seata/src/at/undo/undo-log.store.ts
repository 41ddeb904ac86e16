import type { EntityManager } from 'typeorm';
import type { ExpiringTable } from 'txmsg/building-blocks';
import { MARKER_CONTENT, UNDO_LOG_CONTEXT } from './undo-log.writer.js';

/** `log_status`: an undo log, or a marker that the branch was rolled back. */
export const UNDO_LOG_STATUS = 0;
export const MARKER_STATUS = 1;

/** Never an undo log. */
export const OLD_MARKERS: ExpiringTable = {
  name: 'undo_log',
  key: { xid: '?', branch_id: 'CAST(? AS SIGNED)' },
  time: 'log_created',
  index: 'ix_log_created',
  where: `log_status = ${MARKER_STATUS}`,
};

/** A row of `undo_log`. */
export interface UndoLogRow {
  /** The order in which rows were written. Seata's own scripts have had no such column since 1.3.0. */
  readonly id?: string;
  readonly branch_id: string;
  readonly context: string;
  readonly rollback_info: Buffer;
  readonly log_status: number;
}

/** What names a branch. */
export interface BranchKey {
  readonly xid: string;
  readonly branchId: bigint;
}

const INSERT = `INSERT INTO undo_log (branch_id, xid, context, rollback_info, log_status, log_created, log_modified)
  VALUES (?, ?, ?, ?, ?, NOW(6), NOW(6))`;

/**
 * The statements on `undo_log`. They name the columns of Seata's own scripts, and its unique key (xid, branch_id), alone: the
 * table may have been made for a Java service.
 */
export const undoLogStore = {
  /** @throws the driver's error for a duplicate when a marker is there */
  async insert(manager: EntityManager, { xid, branchId }: BranchKey, content: string): Promise<void> {
    const info = Buffer.from(content);
    await manager.query(INSERT, [String(branchId), xid, UNDO_LOG_CONTEXT, info, UNDO_LOG_STATUS]);
  },

  /** @throws the driver's error for a duplicate when phase one has committed meanwhile, or another process was faster */
  async insertMarker(manager: EntityManager, { xid, branchId }: BranchKey): Promise<void> {
    const info = Buffer.from(MARKER_CONTENT);
    await manager.query(INSERT, [String(branchId), xid, UNDO_LOG_CONTEXT, info, MARKER_STATUS]);
  },

  /** Everything of a global transaction, the latest first, without waiting for locks. */
  async readAll(manager: EntityManager, xid: string): Promise<UndoLogRow[]> {
    // Every column, so that `id` comes where there is one.
    const rows = await manager.query<UndoLogRow[]>('SELECT * FROM undo_log WHERE xid = ?', [xid]);
    return rows.sort((first, second) => (orderOf(first) < orderOf(second) ? 1 : -1));
  },

  /** Locks everything of a global transaction. @returns `log_status` by `branch_id` */
  async lockAll(manager: EntityManager, xid: string): Promise<ReadonlyMap<string, number>> {
    const rows = await manager.query<Pick<UndoLogRow, 'branch_id' | 'log_status'>[]>(
      'SELECT branch_id, log_status FROM undo_log FORCE INDEX (ux_undo_log) WHERE xid = ? FOR UPDATE',
      [xid],
    );
    return new Map(rows.map(({ branch_id, log_status }) => [branch_id, log_status] as const));
  },

  /** Makes a marker of an undo log that was carried out. */
  async toMarker(manager: EntityManager, { xid, branchId }: BranchKey): Promise<void> {
    await manager.query(
      `UPDATE undo_log FORCE INDEX (ux_undo_log)
       SET log_status = ${MARKER_STATUS}, context = ?, rollback_info = ?, log_modified = NOW(6)
       WHERE xid = ? AND branch_id = CAST(? AS SIGNED)`,
      [UNDO_LOG_CONTEXT, Buffer.from(MARKER_CONTENT), xid, String(branchId)],
    );
  },

  /** What there is of a branch. */
  async statusOf(manager: EntityManager, { xid, branchId }: BranchKey): Promise<number | undefined> {
    const [row] = await manager.query<{ log_status: number }[]>(
      'SELECT log_status FROM undo_log WHERE xid = ? AND branch_id = CAST(? AS SIGNED)',
      [xid, String(branchId)],
    );
    return row?.log_status;
  },

  /**
   * Deletes rows in one statement, which waits for no row of another branch. Without the hint MySQL reads, and locks, the whole of
   * a table that it takes for small; without a condition on a column that is not in the index, the whole index.
   * @param status - a row in another one stays
   */
  async deleteAll(manager: EntityManager, branches: readonly BranchKey[], status: number): Promise<void> {
    if (branches.length === 0) return;
    const keys = branches.map(() => '(log.xid = ? AND log.branch_id = CAST(? AS SIGNED))').join(' OR ');
    await manager.query(
      `DELETE log FROM undo_log AS log FORCE INDEX (ux_undo_log) WHERE log.log_status = ${status} AND (${keys})`,
      branches.flatMap(({ xid, branchId }) => [xid, String(branchId)]),
    );
  },
};

/**
 * Without `id` by branch ids, which grow as long as one coordinator gives them. Not by `log_created`: Java writes it in the time
 * zone of its own session, and it goes back when a clock is set back.
 */
function orderOf({ id, branch_id }: UndoLogRow): bigint {
  return BigInt(id ?? branch_id);
}
