import type { EntityManager } from 'typeorm';
import { FENCE_STATUS, type FenceStatus } from './fence.js';

/** A branch, as its fence row names it. */
export interface FencedBranch {
  readonly xid: string;
  readonly branchId: bigint;
}

/** The statements on `tcc_fence_log`. Each runs in the transaction of the EntityManager that it is given. */
export const fenceRows = {
  /** @throws the driver's duplicate entry error when the branch has a row */
  async insert(
    manager: EntityManager,
    { xid, branchId }: FencedBranch,
    actionName: string,
    status: FenceStatus,
  ): Promise<void> {
    await manager.query(
      `INSERT INTO tcc_fence_log (xid, branch_id, action_name, status, gmt_create, gmt_modified)
       VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
      [xid, String(branchId), actionName, status],
    );
  },

  /** With the row locked, so that a try, a confirm and a cancel of one branch never run at once. */
  async lock(manager: EntityManager, branch: FencedBranch): Promise<FenceStatus | undefined> {
    return statusOf(manager, branch, 'FOR UPDATE');
  },

  async read(manager: EntityManager, branch: FencedBranch): Promise<FenceStatus | undefined> {
    return statusOf(manager, branch, '');
  },

  async update(manager: EntityManager, { xid, branchId }: FencedBranch, status: FenceStatus): Promise<void> {
    await manager.query(
      'UPDATE tcc_fence_log SET status = ?, gmt_modified = UTC_TIMESTAMP(3) WHERE xid = ? AND branch_id = ?',
      [status, xid, String(branchId)],
    );
  },

  /** Ended branches of longer ago; those of an open branch stay, however old. @returns how many were deleted */
  async purge(manager: EntityManager, olderThanMs: number, countMax: number): Promise<number> {
    const rows = await manager.query<{ xid: string; branch_id: string }[]>(
      `SELECT xid, branch_id FROM tcc_fence_log
       WHERE gmt_modified < UTC_TIMESTAMP(3) - INTERVAL ? SECOND AND status <> ${FENCE_STATUS.TRIED}
       ORDER BY gmt_modified LIMIT ${countMax} FOR UPDATE SKIP LOCKED`,
      [olderThanMs / 1000],
    );
    if (rows.length === 0) return 0;
    await manager.query(
      `DELETE FROM tcc_fence_log WHERE (xid, branch_id) IN (${rows.map(() => '(?, ?)').join(', ')})`,
      rows.flatMap(({ xid, branch_id }) => [xid, branch_id]),
    );
    return rows.length;
  },
};

async function statusOf(
  manager: EntityManager,
  { xid, branchId }: FencedBranch,
  lock: 'FOR UPDATE' | '',
): Promise<FenceStatus | undefined> {
  const [row] = await manager.query<{ status: number | string }[]>(
    `SELECT status FROM tcc_fence_log WHERE xid = ? AND branch_id = ? ${lock}`,
    [xid, String(branchId)],
  );
  if (row === undefined) return undefined;
  const status = Object.values(FENCE_STATUS).find((one) => one === Number(row.status));
  if (status === undefined) {
    throw new RangeError(
      `The fence row of branch ${branchId} of ${xid} has the status ${row.status}; known are 1 to 4.`,
    );
  }
  return status;
}
