import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { DataSource, EntityManager } from 'typeorm';
import { conflictsInDatabase, conflictsWithin, type ScopeUse } from './barrier/index.js';
import { ConfigurationProblems } from './configuration-problems.js';
import { MessageListener } from './consumer/message-listener.decorator.js';
import {
  registerMessageListeners,
  type RegisteredMessageListener,
} from './consumer/message-listener.registry.js';
import {
  checkDatabase,
  checkTables,
  COMMON_TABLES,
  DEAD_LETTER_TABLES,
  JOB_TABLES,
  withConnection,
} from './database/index.js';
import { DurableJob, registerDurableJobs, type RegisteredDurableJob } from './jobs/index.js';
import { whyTooLittleHeap } from './limits/index.js';
import { discoverListeners } from './listener.discovery.js';
import { checkClaimIndex, checkUnnamedTopics } from './outbox/index.js';
import { TransactionListener } from './transaction/transaction-listener.decorator.js';
import {
  registerTransactionListeners,
  type RegisteredTransactionListener,
} from './transaction/transaction-listener.registry.js';
import { TXMSG_DATA_SOURCE, TXMSG_SETTINGS, type TxMsgSettings } from './options/txmsg.options.js';

export const DATABASE_CHECK_TIMEOUT_MS = 10_000;

/** What is to be started, and everything that speaks against it. */
export interface StartPlan {
  readonly senders: readonly RegisteredTransactionListener[];
  readonly receivers: readonly RegisteredMessageListener[];
  readonly jobs: readonly RegisteredDurableJob[];
  readonly scopes: readonly ScopeUse[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

interface DatabaseFindings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** Why the database could not be asked: nothing is known about it then. */
  readonly away?: Error;
}

/**
 * Finds the listeners, and looks at all there is to check before anything is started: options, listeners, names, and
 * the database with its tables, rights and settings. RocketMQ is not asked, since it may be away at start.
 */
@Injectable()
export class StartChecks {
  constructor(
    @Inject(TXMSG_SETTINGS) private readonly settings: TxMsgSettings,
    @Inject(TXMSG_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly discovery: DiscoveryService,
    private readonly configuration: ConfigurationProblems,
  ) {}

  /** @throws what the database's absence raises, when that is all that is wrong: waiting mends it */
  async run(): Promise<StartPlan> {
    const sendersFound = discoverListeners(this.discovery, TransactionListener);
    const receiversFound = discoverListeners(this.discovery, MessageListener);
    const senders = registerTransactionListeners(sendersFound.found, this.settings.names);
    const receivers = registerMessageListeners(receiversFound.found, this.settings);
    const jobsFound = discoverListeners(this.discovery, DurableJob);
    const jobs = registerDurableJobs(jobsFound.found, this.settings);
    const scopes = scopeUses(senders.listeners.values(), receivers.listeners);
    const database = await this.askDatabase(scopes, [
      ...COMMON_TABLES,
      ...(receivers.listeners.length > 0 ? DEAD_LETTER_TABLES : []),
      ...(jobs.jobs.length > 0 ? JOB_TABLES : []),
    ]);
    const problems = [
      ...this.configuration.found,
      ...this.importProblems(),
      ...sendersFound.problems,
      ...receiversFound.problems,
      ...senders.problems,
      ...receivers.problems,
      ...jobsFound.problems,
      ...jobs.problems,
      ...this.settings.names.problems({
        topics: [
          ...[...sendersFound.found, ...receiversFound.found].map(({ options }) => options.topic),
          ...this.settings.outbox.topics,
        ],
        producerGroups: sendersFound.found.map(({ options }) => options.producerGroup),
        consumerGroups: receiversFound.found.map(({ options }) => options.consumerGroup),
      }),
      ...this.outboxProblems(),
      ...conflictsWithin(scopes),
      ...database.problems,
    ];
    if (database.away !== undefined) {
      if (problems.length === 0) throw database.away;
      problems.push(
        `The database could not be asked (${database.away.message}), so its tables, the account's rights, its settings and the names in use were not checked: more may be wrong there.`,
      );
    }
    const tooLittleHeap = whyTooLittleHeap(
      receivers.listeners.map((listener) => ({ ...listener, batchSizeMax: listener.handlers.batchSize.max })),
    );
    return {
      senders: [...senders.listeners.values()],
      receivers: receivers.listeners,
      jobs: jobs.jobs,
      scopes,
      problems,
      warnings: [...database.warnings, ...(tooLittleHeap === undefined ? [] : [tooLittleHeap])],
    };
  }

  /** Two imports of one dynamic module are one; two calls make two of everything, on one barrier. */
  private importProblems(): string[] {
    const checks = this.discovery.getProviders().filter(({ metatype }) => metatype === StartChecks);
    if (checks.length === 1) return [];
    return [
      `TxMsgModule.forRoot or forRootAsync is imported ${checks.length} times, which would start as many sets of clients for every listener. Import it once, in the root module: what it provides is global.`,
    ];
  }

  /** One producer for each topic: two of one name would be started, and one of them never closed. */
  private outboxProblems(): string[] {
    const { names, outbox } = this.settings;
    const actual = outbox.topics.map((topic) => names.actual('topics', topic));
    return outbox.topics
      .filter((_topic, index) => actual.indexOf(actual[index] ?? '') !== index)
      .map(
        (topic) =>
          `outbox.topics has the topic ${names.told('topics', topic)} twice. Name each topic once, and give two topics two names.`,
      );
  }

  private async askDatabase(
    scopes: readonly ScopeUse[],
    tables: Parameters<typeof checkTables>[1],
  ): Promise<DatabaseFindings> {
    try {
      const settings = await checkDatabase(this.dataSource, this.settings.acceptUnsafeFlush);
      // Another product understands none of the questions below.
      if (this.dataSource.options.type !== 'mysql') return settings;
      const found = await withConnection(this.dataSource, DATABASE_CHECK_TIMEOUT_MS, async (connection) => {
        const tableProblems = await this.tableProblems(connection, tables);
        const unnamed = tableProblems.length > 0 ? [] : await this.unnamedTopics(connection);
        const conflicts = await conflictsInDatabase(connection, scopes);
        return { tables: tableProblems, unnamed, conflicts };
      });
      return {
        problems: [...settings.problems, ...found.tables, ...found.conflicts],
        warnings: [...settings.warnings, ...found.unnamed],
      };
    } catch (error) {
      return { problems: [], warnings: [], away: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  private async unnamedTopics(connection: EntityManager): Promise<string[]> {
    // A service that publishes nothing may have a database that is older than this index.
    if ((await checkClaimIndex(connection)).length > 0) return [];
    const { names, outbox } = this.settings;
    return checkUnnamedTopics(
      connection,
      outbox.topics.map((topic) => names.actual('topics', topic)),
    );
  }

  private async tableProblems(
    connection: EntityManager,
    tables: Parameters<typeof checkTables>[1],
  ): Promise<string[]> {
    const problems = await checkTables(connection, tables);
    // One script makes missing tables and missing indexes: it is named once.
    if (problems.length > 0 || this.settings.outbox.topics.length === 0) return problems;
    return checkClaimIndex(connection);
  }
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
