import { Injectable } from '@nestjs/common';
import { PeriodicWork } from '@txmsg/service';
import { DatabaseTransactions, Deadline } from 'txmsg';
import { UserSettings } from '../user-settings.js';

const BATCH_SIZE = 500;
const BATCH_TIMEOUT_MS = 5000;

/**
 * Deletes the rows of webhooks that are older than barrier rows become. One that comes again after that finds the request's own
 * row, which has ended and is never deleted.
 */
@Injectable()
export class WebhookRetention extends PeriodicWork {
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly settings: UserSettings,
  ) {
    const isUsed = settings.custodyWebhookSecrets !== undefined;
    super({ intervalMs: isUsed ? settings.retentionIntervalMs : 0 }, settings);
  }

  /** Deletes what is due now, in short transactions. @returns how many rows it was */
  async purge(): Promise<number> {
    let deleted = 0;
    for (let batch = BATCH_SIZE; batch === BATCH_SIZE && !this.isStopping; deleted += batch) {
      batch = await this.deleteBatch();
    }
    return deleted;
  }

  protected async round(): Promise<void> {
    const rows = await this.purge();
    if (rows > 0) this.logger.log('Expired webhooks were deleted.', { rows });
  }

  protected roundFailed(error: unknown): void {
    this.logger.warn(`Expired webhooks could not be deleted; it is tried again. ${String(error)}`);
  }

  /**
   * Locked rows are skipped, and rows are deleted by their primary key, so that nothing waits for it. The index is forced
   * because MySQL scans a table that it believes to be small.
   */
  private deleteBatch(): Promise<number> {
    return this.transactions.run(
      async ({ entityManager }) => {
        const rows = await entityManager.query<{ id: string }[]>(
          `SELECT webhook_id AS id FROM custody_webhook FORCE INDEX (create_time)
           WHERE create_time < UTC_TIMESTAMP(3) - INTERVAL ? MICROSECOND
           ORDER BY create_time LIMIT ${BATCH_SIZE} FOR UPDATE SKIP LOCKED`,
          [this.settings.barrierRetentionMs * 1000],
        );
        if (rows.length > 0) {
          await entityManager.query(
            `DELETE FROM custody_webhook WHERE webhook_id IN (${rows.map(() => '?').join(', ')})`,
            rows.map(({ id }) => id),
          );
        }
        return { decision: 'COMMIT', value: rows.length };
      },
      { deadline: Deadline.in(BATCH_TIMEOUT_MS) },
    );
  }
}
