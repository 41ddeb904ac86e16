import type { Deadline } from 'txmsg';
import type { BranchRegistrar } from '../rm/branch.registrar.js';
import type { BranchResource, PhaseTwoAnswer } from '../rm/branch.js';

/**
 * Keeps a commit from being forgotten by a server before 2.0 in file mode. When all branches of a global transaction are AT, such
 * a server keeps its decision to commit in memory alone (GlobalSession.asyncCommit): killed before the end of phase two it comes
 * back with Begin, and its timeout rolls back what was answered COMMITTED, or those branches that had not had their phase two.
 * With one branch of another type it stores Committing before it answers. This is that branch: it changes nothing.
 */
export class CommitDecision implements BranchResource {
  readonly branchType = 'TCC';
  readonly resourceId = 'commit-decision';

  /** @param serverVersion - what the coordinator says that it is; undefined: nothing so far */
  constructor(
    private readonly registrar: Pick<BranchRegistrar, 'register'>,
    private readonly serverVersion: () => string | undefined,
  ) {}

  /**
   * Adds the branch where the server needs it. To be called before any other branch: the server rolls back in reverse order and
   * stops at a branch that nobody answers for, so that those of others must not wait for this process.
   * @throws what BranchRegistrar.register throws
   */
  async prepare(xid: string, deadline: Deadline): Promise<void> {
    if (storesEveryCommit(this.serverVersion())) return;
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

/** 2.0.0 and later do; one that does not say its version is treated as one that does not. */
function storesEveryCommit(version: string | undefined): boolean {
  const [, major] = /^(\d+)\./.exec(version ?? '') ?? [];
  return Number(major ?? 0) >= 2;
}
