import { Logger } from '@nestjs/common';
import { Deadline, type DatabaseTransactions } from 'txmsg';
import { BackgroundLoop } from 'txmsg/building-blocks';
import { fenceRows } from './fence.store.js';

/** Few enough that their locks are held for milliseconds. */
const BATCH_SIZE = 200;
const BATCH_PAUSE_MS = 50;
const BATCH_TIMEOUT_MS = 5000;

/** How long fence rows are kept, and how often old ones are looked for. */
export interface FenceRetention {
  /** In ms. */
  readonly fenceRetentionMs: number;
  /** In ms; 0: never. */
  readonly retentionIntervalMs: number;
}

/**
 * Deletes the fence rows of branches that ended longer ago than the retention. Any number may run at once: locked rows are
 * passed by. Without its row a branch that the coordinator asks to confirm once more is answered "retry", so the retention
 * must be longer than the coordinator may be away.
 */
export class FencePurge {
  private readonly logger = new Logger(FencePurge.name);
  private readonly loop = new BackgroundLoop();

  constructor(
    private readonly transactions: Pick<DatabaseTransactions, 'run'>,
    private readonly retention: FenceRetention,
  ) {}

  start(): void {
    this.loop.startAboutEvery(this.retention.retentionIntervalMs, () => this.purge());
  }

  stop(timeoutMs: number): Promise<void> {
    return this.loop.stop(timeoutMs);
  }

  /** One round. Never throws. */
  async purge(): Promise<void> {
    try {
      while ((await this.deleteBatch()) === BATCH_SIZE && !this.loop.signal.aborted) {
        await this.loop.pause(BATCH_PAUSE_MS);
      }
    } catch (error) {
      this.logger.warn({
        message: 'old fence rows could not be deleted; retried in the next round',
        cause: String(error),
      });
    }
  }

  private deleteBatch(): Promise<number> {
    return this.transactions.run<number>(
      async ({ entityManager }) => ({
        decision: 'COMMIT',
        value: await fenceRows.purge(entityManager, this.retention.fenceRetentionMs, BATCH_SIZE),
      }),
      { deadline: Deadline.in(BATCH_TIMEOUT_MS) },
    );
  }
}
