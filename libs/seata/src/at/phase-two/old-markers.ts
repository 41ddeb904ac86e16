import { ExpiredRows } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { MARKER_STATUS, undoLogStore } from '../undo/undo-log.store.js';

/** Deletes old markers by (xid, branch_id): the table of Seata's own script has no PRIMARY KEY. */
export class OldMarkers extends ExpiredRows {
  protected override async deleteRows(
    manager: EntityManager,
    rows: readonly Readonly<Record<string, unknown>>[],
  ): Promise<void> {
    const branches = rows.map(({ xid, branch_id }) => ({
      xid: String(xid),
      branchId: BigInt(String(branch_id)),
    }));
    await undoLogStore.deleteAll(manager, branches, MARKER_STATUS);
  }
}
