import type { BranchRegistrar } from '../rm/branch.registrar.js';
import type { BranchResource, PhaseTwoAnswer } from '../rm/branch.js';
import type { GlobalTransactionContext } from './global-transaction.context.js';

/**
 * Keeps a commit from being forgotten by a server before 2.0. Of a global transaction whose branches are all AT, such a server
 * stores nothing between Begin and the end of phase two (GlobalSession.asyncCommit, file mode): killed in between it comes back
 * with Begin, and its timeout rolls back what was answered COMMITTED, or the part of it that had not yet had its phase two. With
 * one branch of another type it stores Committing before anything else. This is that branch: it changes nothing.
 */
export class CommitDecision implements BranchResource {
  readonly branchType = 'TCC';
  readonly resourceId = 'commit-decision';

  /**
   * @param registrar - one that takes branches also when the work has ended
   * @param serverVersion - what the coordinator says that it is; undefined: nothing so far
   */
  constructor(
    private readonly registrar: Pick<BranchRegistrar, 'register'>,
    private readonly serverVersion: () => string | undefined,
  ) {}

  /**
   * To be called between the end of the work and the commit. Adds the branch where the server needs it and the initiator has
   * none that does the same.
   * @throws what BranchRegistrar.register throws: roll back then
   */
  async prepare({ xid, ownBranches, deadline }: GlobalTransactionContext): Promise<void> {
    if (storesEveryCommit(this.serverVersion())) return;
    if (ownBranches.all.some(({ branchType }) => branchType !== 'AT')) return;
    const { branchType, resourceId } = this;
    await this.registrar.register({ xid, branchType, resourceId }, deadline);
  }

  commit(): Promise<PhaseTwoAnswer> {
    return Promise.resolve('DONE');
  }

  rollback(): Promise<PhaseTwoAnswer> {
    return Promise.resolve('DONE');
  }
}

/** 2.0.0 and later do; one that does not say its version is taken for one that does not. */
function storesEveryCommit(version: string | undefined): boolean {
  const [, major] = /^(\d+)\./.exec(version ?? '') ?? [];
  return Number(major ?? 0) >= 2;
}
