import { Deadline, InvalidArgumentError } from 'txmsg';
import { waitAtMost } from 'txmsg/building-blocks';
import { GlobalTransactionOverError, UnawaitedBranchError } from '../errors/index.js';
import {
  currentGlobalTransaction,
  type GlobalTransactionContext,
  type GlobalTransactionRole,
  type OwnBranch,
} from './global-transaction.context.js';

/** A global transaction as long as this process works on it. */
export class OpenGlobalTransaction implements GlobalTransactionContext {
  private readonly own: OwnBranch[] = [];
  private readonly running = new Set<Promise<unknown>>();
  private isOver = false;
  private failed: { readonly cause: unknown } | undefined;

  constructor(
    readonly xid: string,
    readonly role: GlobalTransactionRole,
    readonly deadline: Deadline,
  ) {}

  readonly ownBranches = {
    add: (branch: OwnBranch): void => {
      this.own.push(branch);
    },
    all: this.own as readonly OwnBranch[],
  };

  async branch<T>(work: (deadline: Deadline) => Promise<T>): Promise<T> {
    this.refuseWhenOver();
    const phaseOne = work(this.deadline);
    this.running.add(phaseOne);
    try {
      return await phaseOne;
    } catch (cause) {
      this.failed ??= { cause };
      throw cause;
    } finally {
      this.running.delete(phaseOne);
    }
  }

  /** @throws GlobalTransactionOverError when it takes no more branches */
  refuseWhenOver(): void {
    if (this.isOver) throw new GlobalTransactionOverError(this.xid, 'ENDED');
    if (this.deadline.hasPassed()) throw new GlobalTransactionOverError(this.xid, 'DEADLINE');
  }

  /** From now on no branch begins. @returns how many still run */
  end(): number {
    this.isOver = true;
    return this.running.size;
  }

  /**
   * Ends it when its work has returned.
   * @param workName - what the work is called
   * @throws UnawaitedBranchError when a branch still runs; else the error of the first branch that failed, also when the work has
   * caught it: the others must not be committed without that one
   */
  endAfterWork(workName: string): void {
    const unawaited = this.end();
    if (unawaited > 0) throw new UnawaitedBranchError(this.xid, workName, unawaited);
    if (this.failed !== undefined) throw this.failed.cause;
  }

  /** Resolves when no branch runs any more, at the latest when `deadline` has passed. */
  async branchesEnded(deadline: Deadline): Promise<void> {
    await waitAtMost(Promise.allSettled(this.running), deadline.remainingMs());
  }
}

/**
 * Keeps code that outlived its global transaction from registering one more branch.
 * @throws GlobalTransactionOverError
 */
export function refuseBranchWhenOver(xid: string): void {
  const current = currentGlobalTransaction();
  if (!(current instanceof OpenGlobalTransaction)) return;
  if (current.xid !== xid) {
    throw new InvalidArgumentError(
      'xid',
      xid,
      `this code runs in the global transaction "${current.xid}", and registers its branches there.`,
    );
  }
  current.refuseWhenOver();
}
