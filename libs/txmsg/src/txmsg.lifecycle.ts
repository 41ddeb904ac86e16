import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { DataSource, EntityManager } from 'typeorm';
import { claimScopes, conflictsWithin, readDatabaseIdentity, type ScopeUse } from './barrier/index.js';
import { ConsumerRuntime } from './consumer/consumer.runtime.js';
import { MessageListener } from './consumer/message-listener.decorator.js';
import {
  registerMessageListeners,
  type RegisteredMessageListener,
} from './consumer/message-listener.registry.js';
import {
  checkDurability,
  checkSettings,
  checkTables,
  COMMON_TABLES,
  DEAD_LETTER_TABLES,
  ReservedConnections,
  withConnection,
} from './database/index.js';
import { TxMsgConfigurationError } from './errors/index.js';
import { whyTooLittleHeap } from './limits/index.js';
import { discoverListeners } from './listener.discovery.js';
import { checkClaimIndex, OutboxRelay } from './outbox/index.js';
import { RetentionJob } from './retention/index.js';
import { ProducerRuntime } from './transaction/producer.runtime.js';
import { TransactionListener } from './transaction/transaction-listener.decorator.js';
import {
  registerTransactionListeners,
  type RegisteredTransactionListener,
} from './transaction/transaction-listener.registry.js';
import { TXMSG_DATA_SOURCE, TXMSG_SETTINGS, type TxMsgSettings } from './txmsg.options.js';

const DATABASE_CHECK_TIMEOUT_MS = 10_000;

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
    const sendersFound = discoverListeners(this.discovery, TransactionListener);
    const receiversFound = discoverListeners(this.discovery, MessageListener);
    const transactions = registerTransactionListeners(sendersFound.found);
    const messages = registerMessageListeners(receiversFound.found, this.settings.messageLimits);
    const uses = scopeUses(transactions.listeners.values(), messages.listeners);
    refuse([
      ...this.importProblems(),
      ...sendersFound.problems,
      ...receiversFound.problems,
      ...transactions.problems,
      ...messages.problems,
      ...conflictsWithin(uses),
      ...(await this.databaseProblems(messages.listeners.length > 0)),
    ]);
    // Last of all, so that a service which cannot start leaves no claim behind.
    refuse(await this.onConnection((connection) => claimScopes(connection, uses)));
    const tooLittleHeap = whyTooLittleHeap(messages.listeners);
    if (tooLittleHeap !== undefined) this.logger.warn(tooLittleHeap);
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

  /** Two imports of one dynamic module are one; two calls make two of everything, on one barrier. */
  private importProblems(): string[] {
    const lifecycles = this.discovery.getProviders().filter(({ metatype }) => metatype === TxMsgLifecycle);
    if (lifecycles.length === 1) return [];
    return [
      `TxMsgModule.forRoot or forRootAsync is imported ${lifecycles.length} times, which would start as many sets of clients for every listener. Import it once, in the root module: what it provides is global.`,
    ];
  }

  private async databaseProblems(hasMessageListeners: boolean): Promise<string[]> {
    const tables = [...COMMON_TABLES, ...(hasMessageListeners ? DEAD_LETTER_TABLES : [])];
    const found = await this.onConnection(async (connection) => {
      const durability = await checkDurability(connection);
      const tableProblems = await checkTables(connection, tables);
      // One script makes missing tables and missing indexes: it is named once.
      if (tableProblems.length === 0 && this.relay.topics.length > 0) {
        tableProblems.push(...(await checkClaimIndex(connection)));
      }
      return { durability, tableProblems };
    });
    for (const warning of found.durability.warnings) this.logger.warn(warning);
    return [
      ...(this.settings.acceptUnsafeFlush ? [] : found.durability.problems),
      ...(await checkSettings(this.dataSource)),
      ...found.tableProblems,
    ];
  }

  /** With the session settings in place, and a deadline: a database that freezes must not hold up the start. */
  private onConnection<T>(work: (connection: EntityManager) => Promise<T>): Promise<T> {
    return withConnection(this.dataSource, DATABASE_CHECK_TIMEOUT_MS, work);
  }
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new TxMsgConfigurationError(problems);
}

function scopeUses(
  senders: Iterable<RegisteredTransactionListener>,
  receivers: readonly RegisteredMessageListener[],
): ScopeUse[] {
  return [
    ...[...senders].map(({ scope, topic }): ScopeUse => ({ scope, role: 'PRODUCER', topic })),
    ...receivers.map(({ consumerGroup, topic }): ScopeUse => ({
      scope: consumerGroup,
      role: 'CONSUMER',
      topic,
    })),
  ];
}
