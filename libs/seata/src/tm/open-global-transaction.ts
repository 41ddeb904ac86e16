import { Deadline, InvalidArgumentError } from 'txmsg';
import { waitAtMost } from 'txmsg/building-blocks';
import { GlobalTransactionOverError } from '../errors/index.js';
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
