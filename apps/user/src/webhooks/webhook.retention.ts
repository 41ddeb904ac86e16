import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { shutdownPhases } from '@txmsg/service';
import { DatabaseTransactions } from 'txmsg';
import { ExpiredRows, RetentionJob, type ExpiringTable } from 'txmsg/building-blocks';
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
export class WebhookRetention
  extends RetentionJob
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown
{
  private stopped: Promise<void> | undefined;

  constructor(
    transactions: DatabaseTransactions,
    private readonly settings: UserSettings,
  ) {
    const isUsed = settings.custodyWebhookSecrets !== undefined;
    super(
      [new ExpiredRows(transactions, WEBHOOKS, settings.barrierRetentionMs)],
      isUsed ? settings.retentionIntervalMs : 0,
    );
  }

  onApplicationBootstrap(): void {
    this.start();
  }

  /** No further batch begins from the signal on, whatever else still runs. */
  onModuleDestroy(): void {
    this.stopped ??= this.stop(shutdownPhases(this.settings).workEndsMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stopped;
  }
}
