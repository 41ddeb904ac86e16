import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DiscoveryService, type DiscoverableDecorator } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { readDatabaseIdentity } from './barrier/index.js';
import { ConsumerRuntime } from './consumer/consumer.runtime.js';
import { MessageListener } from './consumer/message-listener.decorator.js';
import { registerMessageListeners } from './consumer/message-listener.registry.js';
import { checkDurability, ReservedConnections } from './database/index.js';
import { TxMsgConfigurationError } from './errors/index.js';
import { OutboxRelay } from './outbox/index.js';
import { RetentionJob } from './retention/index.js';
import { ProducerRuntime } from './transaction/producer.runtime.js';
import { TransactionListener } from './transaction/transaction-listener.decorator.js';
import { registerTransactionListeners } from './transaction/transaction-listener.registry.js';
import { TXMSG_DATA_SOURCE, TXMSG_SETTINGS, type TxMsgSettings } from './txmsg.options.js';

/**
 * Starts and stops the library with the application: finds the listeners, checks all there is to check in one
 * report, and drains before the application lets go of its database.
 */
@Injectable()
export class TxMsgLifecycle
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly logger = new Logger(TxMsgLifecycle.name);
  private stopped: Promise<unknown> | undefined;

  constructor(
    @Inject(TXMSG_SETTINGS) private readonly settings: TxMsgSettings,
    @Inject(TXMSG_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly reserved: ReservedConnections,
    private readonly discovery: DiscoveryService,
    private readonly producers: ProducerRuntime,
    private readonly consumers: ConsumerRuntime,
    private readonly relay: OutboxRelay,
    private readonly retention: RetentionJob,
  ) {}

  /** @throws TxMsgConfigurationError with every problem found. A broker that is away is none. */
  async onApplicationBootstrap(): Promise<void> {
    const transactions = registerTransactionListeners(this.discover(TransactionListener));
    const messages = registerMessageListeners(this.discover(MessageListener));
    const durability = await checkDurability(this.dataSource);
    const problems = [
      ...transactions.problems,
      ...messages.problems,
      ...(this.settings.acceptUnsafeFlush ? [] : durability.problems),
    ];
    if (problems.length > 0) throw new TxMsgConfigurationError(problems);
    for (const warning of durability.warnings) this.logger.warn(warning);
    const databaseId = await readDatabaseIdentity(this.dataSource);
    this.producers.start(transactions.listeners.values(), databaseId);
    this.relay.start();
    this.consumers.start(messages.listeners);
    this.retention.start();
  }

  /**
   * Nothing more is taken in from this moment. Nest calls `beforeApplicationShutdown` of one module after another, and
   * the application may have a module that waits long in it: the library would go on consuming meanwhile.
   */
  onModuleDestroy(): void {
    this.stopped ??= this.stop();
    // Whoever waits for it below gets the error.
    this.stopped.catch(() => undefined);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await (this.stopped ??= this.stop());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.reserved.close();
  }

  private stop(): Promise<unknown> {
    const { shutdownTimeoutMs } = this.settings;
    return Promise.all([
      this.consumers.stop(shutdownTimeoutMs),
      this.producers.stop(shutdownTimeoutMs),
      this.relay.stop(shutdownTimeoutMs),
      this.retention.stop(shutdownTimeoutMs),
    ]);
  }

  private discover<Options>(
    decorator: DiscoverableDecorator<Options>,
  ): { className: string; instance: object; options: Options }[] {
    return this.discovery.getProviders({ metadataKey: decorator.KEY }).flatMap((wrapper) => {
      const options = this.discovery.getMetadataByDecorator(decorator, wrapper);
      const instance: unknown = wrapper.instance;
      if (options === undefined || typeof instance !== 'object' || instance === null) return [];
      return [{ className: String(wrapper.name), instance, options }];
    });
  }
}
