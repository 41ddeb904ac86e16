import { Injectable } from '@nestjs/common';
import { PeriodicWork } from '@txmsg/service';
import { DatabaseTransactions } from 'txmsg';
import { ExpiredRows, type ExpiringTable } from 'txmsg/building-blocks';
import { UserSettings } from '../user-settings.js';

const WEBHOOKS: ExpiringTable = {
  name: 'custody_webhook',
  key: { webhook_id: '?' },
  time: 'create_time',
  index: 'create_time',
  where: 'TRUE',
};

/**
 * Deletes the rows of webhooks that are older than barrier rows become. One that comes again after that finds the request's own
 * row, which has ended and is never deleted.
 */
@Injectable()
export class WebhookRetention extends PeriodicWork {
  private readonly expired: ExpiredRows;

  constructor(transactions: DatabaseTransactions, settings: UserSettings) {
    const isUsed = settings.custodyWebhookSecrets !== undefined;
    super({ intervalMs: isUsed ? settings.retentionIntervalMs : 0 }, settings);
    this.expired = new ExpiredRows(transactions, WEBHOOKS, settings.barrierRetentionMs);
  }

  /** Deletes what is due now, in short transactions. @returns how many rows it was */
  async purge(): Promise<number> {
    let deleted = 0;
    let from: string | undefined;
    do {
      const batch = await this.expired.deleteBatch(from);
      deleted += batch.deleted;
      from = batch.next;
    } while (from !== undefined && !this.isStopping);
    return deleted;
  }

  protected async round(): Promise<void> {
    const rows = await this.purge();
    if (rows > 0) this.logger.log('Expired webhooks were deleted.', { rows });
  }

  protected roundFailed(error: unknown): void {
    this.logger.warn(`Expired webhooks could not be deleted; it is tried again. ${String(error)}`);
  }
}
