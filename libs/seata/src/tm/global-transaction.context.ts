import { AsyncLocalStorage } from 'node:async_hooks';
import type { Deadline } from 'txmsg';
import type { BranchType } from '../rm/branch.js';

/** What the own database of a branch says of the global transaction's end. */
export type OwnBranchOutcome = 'COMMITTED' | 'ROLLED_BACK' | 'UNKNOWN';

/** A branch in the process that began the global transaction: it can say how that ended when the coordinator's answer is lost. */
export interface OwnBranch {
  readonly branchType: BranchType;
  readonly branchId: bigint;
  readonly resourceId: string;
  /** What this branch's own database says of the global transaction's end. An error counts as UNKNOWN. */
  outcome(deadline: Deadline): Promise<OwnBranchOutcome>;
}

/** INITIATOR: this process began it and ends it. PARTICIPANT: a caller brought it. */
export type GlobalTransactionRole = 'INITIATOR' | 'PARTICIPANT';

/** The global transaction that the running code belongs to. */
export interface GlobalTransactionContext {
  readonly xid: string;
  /** Ends before the coordinator's timeout. */
  readonly deadline: Deadline;
  readonly role: GlobalTransactionRole;
  /**
   * Runs phase one of a branch. A global transaction is not committed when its work has not awaited one of them, or when one has
   * failed, also if the work has caught its error.
   * @throws GlobalTransactionOverError when the global transaction takes no more branches; `work` was not called then
   */
  branch<T>(work: (deadline: Deadline) => Promise<T>): Promise<T>;
  /** The initiator's own branches, in the order in which they were registered. */
  readonly ownBranches: { add(branch: OwnBranch): void; readonly all: readonly OwnBranch[] };
}

const storage = new AsyncLocalStorage<GlobalTransactionContext>();

/** The global transaction that the calling code runs in; also one that is over, which refuses further branches. */
export function currentGlobalTransaction(): GlobalTransactionContext | undefined {
  return storage.getStore();
}

/** Runs `work`, and whatever it begins, in this global transaction. */
export function withinGlobalTransaction<T>(context: GlobalTransactionContext, work: () => T): T {
  return storage.run(context, work);
}
