import { DatabaseUnavailableError, type DatabaseTransactions, type Deadline } from 'txmsg';
import { withDeadline } from 'txmsg/building-blocks';
import type { FaultInjector } from 'txmsg/faults';
import { UNDO_LOG_STATUS, undoLogStore, type BranchKey } from '../undo/undo-log.store.js';

interface Waiting {
  readonly branch: BranchKey;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** For one statement over a few hundred rows. */
const DELETE_TIMEOUT_MS = 5000;

/** Deletes the undo logs of committed branches, those that come within a short while together. */
export class UndoLogDeletions {
  private waiting: Waiting[] = [];
  private isRunning = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly transactions: Pick<DatabaseTransactions, 'autocommit'>,
    private readonly faults: FaultInjector,
    private readonly settings: { readonly commitBatchDelayMs: number; readonly commitBatchMax: number },
  ) {}

  /** Resolves when the branch's undo log is deleted, or is not there. @throws database errors; when the time is over */
  delete(branch: BranchKey, deadline: Deadline): Promise<void> {
    const deletion = new Promise<void>((done, failed) => {
      this.waiting.push({ branch, done, failed });
    });
    this.schedule();
    return withDeadline(
      deletion,
      deadline.remainingMs(),
      () => new DatabaseUnavailableError('The undo log of a committed branch was not deleted in time.'),
    );
  }

  private schedule(): void {
    if (this.isRunning) return;
    if (this.waiting.length >= this.settings.commitBatchMax) void this.run();
    else this.timer ??= setTimeout(() => void this.run(), this.settings.commitBatchDelayMs);
  }

  /** Never throws: each branch is told. */
  private async run(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.isRunning) return;
    this.isRunning = true;
    const batch = this.waiting.splice(0, this.settings.commitBatchMax);
    const branches = batch.map(({ branch }) => branch);
    try {
      await this.transactions.autocommit(DELETE_TIMEOUT_MS, (manager) =>
        undoLogStore.deleteAll(manager, branches, UNDO_LOG_STATUS),
      );
      const [first] = branches;
      const xids = branches.map(({ xid }) => xid);
      // Bounded, as the statement is: whoever waits here keeps all later deletions waiting.
      await withDeadline(
        this.faults.at(
          'service:seata.at.commit-deleted',
          xids.length === 1 ? { txNo: first?.xid } : { txNos: xids },
        ),
        DELETE_TIMEOUT_MS,
        () => new Error('the fault goes on'),
      );
      for (const { done } of batch) done();
    } catch (error) {
      for (const { failed } of batch) failed(error);
    } finally {
      this.isRunning = false;
    }
    if (this.waiting.length > 0) this.schedule();
  }
}
