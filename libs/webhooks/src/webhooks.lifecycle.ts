import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DatabaseTransactions, TxMsgConfigurationError } from 'txmsg';
import { isMissingTable } from 'txmsg/building-blocks';
import { DeliveryPurge } from './delivery/delivery.purge.js';
import { WEBHOOKS_SETTINGS, type WebhooksSettings } from './webhooks.options.js';
import { DeliveryWorker } from './worker/delivery.worker.js';

const CHECK_TIMEOUT_MS = 5000;
const TABLES = ['webhook_subscriber', 'webhook_secret', 'webhook_delivery', 'webhook_call'];

/** Starts and stops the library with the application. */
@Injectable()
export class WebhooksLifecycle implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private stopped: Promise<unknown> | undefined;

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly worker: DeliveryWorker,
    private readonly purge: DeliveryPurge,
    @Inject(WEBHOOKS_SETTINGS) private readonly settings: WebhooksSettings,
  ) {}

  /** @throws TxMsgConfigurationError when the database lacks a table; database errors */
  async onApplicationBootstrap(): Promise<void> {
    for (const table of TABLES) await this.requireTable(table);
    this.worker.start();
    this.purge.start();
  }

  /** Nothing is claimed from this moment on; the hook below waits for what runs. */
  onModuleDestroy(): void {
    this.stopped ??= this.stop();
    this.stopped.catch(() => undefined);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await (this.stopped ??= this.stop());
  }

  private stop(): Promise<unknown> {
    const { shutdownTimeoutMs } = this.settings;
    return Promise.all([this.worker.stop(shutdownTimeoutMs), this.purge.stop(shutdownTimeoutMs)]);
  }

  private async requireTable(table: string): Promise<void> {
    try {
      await this.transactions.autocommit(CHECK_TIMEOUT_MS, (manager) =>
        manager.query(`SELECT 1 FROM ${table} LIMIT 1`),
      );
    } catch (error) {
      if (!isMissingTable(error)) throw error;
      throw new TxMsgConfigurationError([
        `The database lacks ${table}: run sql/webhooks.sql of the package @txmsg/webhooks in it, which creates what is missing.`,
      ]);
    }
  }
}
