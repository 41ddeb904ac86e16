import { Logger } from '@nestjs/common';
import type { DatabaseTransactions, Deadline } from 'txmsg';
import { BackgroundLoop } from 'txmsg/building-blocks';
import { undoLogStore } from '../undo/undo-log.store.js';

/** Few enough that their locks are held for milliseconds. */
const BATCH_SIZE = 200;
const BATCH_TIMEOUT_MS = 5000;

/** Deletes old markers in the background. An undo log is never deleted by its age: what it can undo is still open. */
export class MarkerPurge {
  private readonly logger = new Logger(MarkerPurge.name);
  private readonly loop = new BackgroundLoop();

  constructor(
    private readonly transactions: Pick<DatabaseTransactions, 'autocommit'>,
    private readonly settings: { readonly markerRetentionMs: number; readonly markerPurgeIntervalMs: number },
  ) {}

  start(): void {
    const { markerPurgeIntervalMs, markerRetentionMs } = this.settings;
    this.loop.startAboutEvery(markerPurgeIntervalMs, () => this.round(markerRetentionMs));
  }

  stop(timeoutMs: number): Promise<void> {
    return this.loop.stop(timeoutMs);
  }

  /** Deletes markers that are older, until none is left or the time is over. @throws database errors */
  async purge(olderThanMs: number, deadline?: Deadline): Promise<void> {
    for (let isMore = true; isMore && !this.loop.signal.aborted && deadline?.hasPassed() !== true;) {
      const timeoutMs = Math.min(BATCH_TIMEOUT_MS, deadline?.remainingMs() ?? BATCH_TIMEOUT_MS);
      const deleted = await this.transactions.autocommit(timeoutMs, (manager) =>
        undoLogStore.deleteMarkers(manager, olderThanMs, BATCH_SIZE),
      );
      isMore = deleted === BATCH_SIZE;
    }
  }

  private async round(olderThanMs: number): Promise<void> {
    try {
      await this.purge(olderThanMs);
    } catch (error) {
      this.logger.warn({
        message: 'old markers of rolled-back branches could not be deleted; retried in the next round',
        cause: String(error),
      });
    }
  }
}
