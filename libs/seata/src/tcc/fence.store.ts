import type { ExpiringTable } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { FENCE_STATUS, type FenceStatus } from './fence.js';

/** A branch, as its fence row names it. */
export interface FencedBranch {
  readonly xid: string;
  readonly branchId: bigint;
}

/** Never the row of an open branch, however old. */
export const ENDED_FENCES: ExpiringTable = {
  name: 'tcc_fence_log',
  key: { xid: '?', branch_id: 'CAST(? AS SIGNED)' },
  time: 'gmt_modified',
  index: 'idx_gmt_modified',
  where: `status <> ${FENCE_STATUS.TRIED}`,
};

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
