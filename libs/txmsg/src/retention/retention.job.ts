import { Logger } from '@nestjs/common';
import { BackgroundLoop } from '../deadline/index.js';
import type { ExpiredRows, ExpiringTable } from './expired-rows.js';

/** The shortest pause between two batches; after a batch that took longer, the pause is as long as the batch. */
const BATCH_PAUSE_MS = 50;

/**
 * Deletes expired rows for as long as the service runs, in the background: a round about every `intervalMs`.
 */
export class RetentionJob {
  private readonly logger = new Logger(RetentionJob.name);
  private readonly loop = new BackgroundLoop();

  /** @param intervalMs - 0 switches it off */
  constructor(
    private tables: readonly ExpiredRows[],
    private readonly intervalMs: number,
  ) {}

  /** Begins the rounds. @param isUsed - false for a table that the database may lack */
  start(isUsed: (table: ExpiringTable) => boolean = () => true): void {
    this.tables = this.tables.filter(({ table }) => isUsed(table));
    this.loop.startAboutEvery(this.intervalMs, () => this.purge());
  }

  /** Finishes the current batch within `timeoutMs`; the rest is deleted after the next start, or by other instances. */
  stop(timeoutMs: number): Promise<void> {
    return this.loop.stop(timeoutMs);
  }

  /** One round: deletes until nothing is left that has expired, or until it is stopped. Never throws. */
  async purge(): Promise<void> {
    for (const rows of this.tables) {
      let deleted = 0;
      try {
        let from: string | undefined;
        do {
          const began = performance.now();
          const batch = await rows.deleteBatch(from);
          deleted += batch.deleted;
          from = batch.next;
          if (from !== undefined) await this.loop.pause(Math.max(BATCH_PAUSE_MS, performance.now() - began));
        } while (from !== undefined && !this.loop.signal.aborted);
      } catch (error) {
        this.logger.warn({
          message: 'expired rows could not be deleted; retried in the next round',
          table: rows.table.name,
          cause: String(error),
        });
      }
      if (deleted > 0) {
        this.logger.log({ message: 'expired rows were deleted', table: rows.table.name, rows: deleted });
      }
    }
  }
}
