import type { Deadline } from 'txmsg';

/** The modes of Seata that this library speaks. */
export type BranchType = 'AT' | 'TCC';

/** One participant's part of a global transaction. */
export interface Branch {
  /** The global transaction. */
  readonly xid: string;
  /** The coordinator's number of the branch; it exceeds what a JavaScript number holds. */
  readonly branchId: bigint;
  readonly branchType: BranchType;
  /** What it changes: AT names a database, TCC an action. */
  readonly resourceId: string;
  /** What was given when the branch was registered. */
  readonly applicationData: string;
}

/**
 * What a branch answers in phase two. DONE: it has done it, or had done it before. RETRY: whatever can heal; the coordinator
 * asks again. NEVER: no later call could succeed; the coordinator stops asking and a person must look.
 */
export type PhaseTwoAnswer = 'DONE' | 'RETRY' | 'NEVER';

/** Carries out phase two for the branches of one database or one action. */
export interface BranchResource {
  readonly branchType: BranchType;
  /** Without a comma, which separates them in the protocol. */
  readonly resourceId: string;
  /**
   * Commits. May be called more than once for a branch, and at the same time for several. What it throws counts as RETRY.
   * @param deadline - the answer is of no use after it
   */
  commit(branch: Branch, deadline: Deadline): Promise<PhaseTwoAnswer>;
  /** Rolls back, under the same rules; also a branch whose phase one has not run, or still runs. */
  rollback(branch: Branch, deadline: Deadline): Promise<PhaseTwoAnswer>;
  /** The coordinator asks to delete undo logs older than so many days. */
  purge?(days: number, deadline: Deadline): Promise<void>;
}
