import type { EntityManager } from 'typeorm';
import { valuesTable, type ExpiringTable } from 'txmsg/building-blocks';
import { MARKER_CONTENT, UNDO_LOG_CONTEXT } from './undo-log.writer.js';

/** `log_status`: an undo log, or a marker that the branch was rolled back. */
export const UNDO_LOG_STATUS = 0;
export const MARKER_STATUS = 1;

/** Never an undo log. */
export const OLD_MARKERS: ExpiringTable = {
  name: 'undo_log',
  key: { id: 'CAST(? AS SIGNED)' },
  time: 'log_created',
  index: 'ix_log_created',
  where: `log_status = ${MARKER_STATUS}`,
};

/** A row of `undo_log`. */
export interface UndoLogRow {
  readonly id: string;
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

/** The statements on `undo_log`. */
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

  /** Everything of a global transaction, locked, the latest first. */
  lockAll(manager: EntityManager, xid: string): Promise<UndoLogRow[]> {
    return manager.query<UndoLogRow[]>(
      `SELECT id, branch_id, context, rollback_info, log_status FROM undo_log FORCE INDEX (ux_undo_log)
       WHERE xid = ? ORDER BY id DESC FOR UPDATE`,
      [xid],
    );
  },

  /** The ids of its rows, without waiting for locks. */
  async idsOf(manager: EntityManager, xid: string): Promise<string[]> {
    const rows = await manager.query<{ id: string }[]>(
      'SELECT id FROM undo_log WHERE xid = ? ORDER BY id DESC',
      [xid],
    );
    return rows.map(({ id }) => id);
  },

  /** Makes a marker of an undo log that was carried out. */
  async toMarker(manager: EntityManager, id: string): Promise<void> {
    await manager.query(
      `UPDATE undo_log SET log_status = ${MARKER_STATUS}, context = ?, rollback_info = ?, log_modified = NOW(6) WHERE id = ?`,
      [UNDO_LOG_CONTEXT, Buffer.from(MARKER_CONTENT), id],
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

  /** Deletes the undo logs of committed branches. Reads first, so that it waits for no row of another branch. */
  async deleteAll(manager: EntityManager, branches: readonly BranchKey[]): Promise<void> {
    const marks = branches.map(() => '(?, CAST(? AS SIGNED))').join(', ');
    const rows = await manager.query<{ id: string }[]>(
      `SELECT id FROM undo_log WHERE (xid, branch_id) IN (${marks}) AND log_status = ${UNDO_LOG_STATUS}`,
      branches.flatMap(({ xid, branchId }) => [xid, String(branchId)]),
    );
    await deleteIds(manager, rows);
  },
};

async function deleteIds(manager: EntityManager, rows: readonly { readonly id: string }[]): Promise<void> {
  if (rows.length === 0) return;
  const chosen = valuesTable('chosen', { id: 'CAST(? AS SIGNED)' }, rows.length);
  await manager.query(
    `DELETE log FROM ${chosen} STRAIGHT_JOIN undo_log AS log FORCE INDEX (PRIMARY) ON log.id = chosen.id`,
    rows.map(({ id }) => id),
  );
}
