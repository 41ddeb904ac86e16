import { Injectable } from '@nestjs/common';
import { DatabaseTransactions, type Deadline } from 'txmsg';
import type { EntityManager } from 'typeorm';
import type { OwnBranch, OwnBranchOutcome } from '../tm/global-transaction.context.js';
import { MARKER_STATUS, undoLogStore, type BranchKey } from './undo/undo-log.store.js';

/**
 * UNDO_LOG: phase one has committed, phase two has not run. MARKER: the branch was rolled back, or never will commit.
 * NONE: it was committed and phase two has run, or phase one has not committed yet, or Java has rolled it back.
 */
export type AtBranchState = 'UNDO_LOG' | 'MARKER' | 'NONE';

/** Whether the row that a branch has inserted, or changed in a way of its own, is there. */
export type CommittedRow = (manager: EntityManager) => Promise<boolean>;

/** Reads what a database knows of a branch. */
@Injectable()
export class AtBranchProbe {
  constructor(private readonly transactions: DatabaseTransactions) {}

  /** @throws DatabaseUnavailableError when it does not answer in time; database errors */
  read(xid: string, branchId: bigint, deadline: Deadline): Promise<AtBranchState> {
    return this.transactions.autocommit(deadline.remainingMs(), (manager) =>
      stateOf(manager, { xid, branchId }),
    );
  }

  /**
   * How a branch ended. A marker proves that it was rolled back. Its row without an undo log proves that it was committed: the
   * row is looked for on both sides of the undo log, since a rollback in between takes it away. All else is unknown.
   * @param committedRow - without it, a committed branch cannot be told from one that has not committed yet
   */
  outcome(
    branch: BranchKey,
    committedRow: CommittedRow | undefined,
    deadline: Deadline,
  ): Promise<OwnBranchOutcome> {
    return this.transactions.autocommit(deadline.remainingMs(), async (manager) => {
      const isThere = async (): Promise<boolean> => (await committedRow?.(manager)) ?? false;
      const wasThere = await isThere();
      const state = await stateOf(manager, branch);
      if (state === 'MARKER') return 'ROLLED_BACK';
      return state === 'NONE' && wasThere && (await isThere()) ? 'COMMITTED' : 'UNKNOWN';
    });
  }

  /** For the context of a global transaction. */
  ownBranch(branch: BranchKey, resourceId: string, committedRow: CommittedRow | undefined): OwnBranch {
    return {
      branchType: 'AT',
      branchId: branch.branchId,
      resourceId,
      outcome: (deadline) => this.outcome(branch, committedRow, deadline),
    };
  }
}

async function stateOf(manager: EntityManager, branch: BranchKey): Promise<AtBranchState> {
  const status = await undoLogStore.statusOf(manager, branch);
  if (status === undefined) return 'NONE';
  return status === MARKER_STATUS ? 'MARKER' : 'UNDO_LOG';
}
