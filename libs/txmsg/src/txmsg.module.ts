import {
  Module,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type Provider,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AttemptOutcomes, Barrier } from './barrier/index.js';
import { BrokerClients, BrokerTransport } from './broker/index.js';
import { ConfigurationProblems } from './configuration-problems.js';
import { ConsumerRuntime } from './consumer/consumer.runtime.js';
import { DeadLetterPort } from './consumer/dead-letter.port.js';
import { DatabaseTransactions, ReservedConnections } from './database/index.js';
import { DeadLetterIntake, DeadLetterReader, DeadLetters, DeadLetterStore } from './dead-letter/index.js';
import { TxMsgConfigurationError } from './errors/index.js';
import { ConfiguredFaults, FaultInjector, NoFaults } from './faults/index.js';
import { TxMsgGauges } from './gauges/txmsg.gauges.js';
import { TxMsgHealthIndicator } from './health/txmsg.health-indicator.js';
import { DurableJobs, JobRuntime } from './jobs/index.js';
import { LocalMessageOutbox, LocalMessageStore, OutboxRelay } from './outbox/index.js';
import {
  BARRIER_ROWS,
  CLOCK_MARGIN_MS,
  ExpiredRows,
  FINISHED_JOBS,
  PUBLISHED_MESSAGES,
  RetentionJob,
} from './retention/index.js';
import { createTransport } from './rocketmq/create-transport.js';
import { Telemetry } from './telemetry/index.js';
import { LocalTransactionExecutor } from './transaction/local-transaction.executor.js';
import { ProducerRuntime } from './transaction/producer.runtime.js';
import { TransactionTemplate } from './transaction/transaction-template.js';
import { TransactionalTopics } from './transaction/transactional-topics.js';
import { TxMsgLifecycle } from './txmsg.lifecycle.js';
import {
  resolveOptions,
  TXMSG_DATA_SOURCE,
  TXMSG_SETTINGS,
  type TxMsgOptions,
  type TxMsgSettings,
} from './options/txmsg.options.js';
import { StartChecks } from './txmsg.start-checks.js';

/** What must be known before dependency injection begins. */
export interface TxMsgModuleExtras {
  /**
   * The name of the TypeORM DataSource. Nest refuses to make the application when there is none of that name.
   * @default the default DataSource
   */
  readonly dataSource?: string;
}

/** For `useClass` and `useExisting` of `forRootAsync`. */
export interface TxMsgOptionsFactory {
  /** Called once, when the application is made. */
  createTxMsgOptions(): TxMsgOptions | Promise<TxMsgOptions>;
}

/** Exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface TxMsgModuleAsyncOptions extends TxMsgModuleExtras, Pick<ModuleMetadata, 'imports'> {
  /** Makes the options. */
  readonly useFactory?: (...dependencies: never[]) => TxMsgOptions | Promise<TxMsgOptions>;
  /** The providers that `useFactory` is called with. */
  readonly inject?: FactoryProvider['inject'];
  /** A class that is instantiated here and makes the options. */
  readonly useClass?: Type<TxMsgOptionsFactory>;
  /** A provider that is there already and makes the options. */
  readonly useExisting?: Type<TxMsgOptionsFactory>;
}

const TXMSG_OPTIONS = Symbol('TXMSG_OPTIONS');

/**
 * Import it once, in the root module, beside `TypeOrmModule.forRoot`. Listeners are ordinary providers of any
 * module; they are found by their decorators.
 */
@Module({})
export class TxMsgModule {
  /** With options that are known when the module is declared; they are checked when the application starts. */
  static forRoot(options: TxMsgOptions & TxMsgModuleExtras): DynamicModule {
    return dynamicModule(options, [], [{ provide: TXMSG_OPTIONS, useValue: options }]);
  }

  /**
   * With options that other providers make; they are checked when the application starts.
   * @throws TxMsgConfigurationError unless exactly one of the three ways is given
   */
  static forRootAsync(options: TxMsgModuleAsyncOptions): DynamicModule {
    return dynamicModule(options, options.imports ?? [], asyncProviders(options));
  }
}

function asyncProviders({ useFactory, inject, useClass, useExisting }: TxMsgModuleAsyncOptions): Provider[] {
  if ([useFactory, useClass, useExisting].filter((way) => way !== undefined).length !== 1) {
    throw new TxMsgConfigurationError([
      'forRootAsync takes exactly one of useFactory, useClass and useExisting',
    ]);
  }
  if (useFactory !== undefined) return [{ provide: TXMSG_OPTIONS, useFactory, inject: inject ?? [] }];
  const factory = useClass ?? useExisting;
  if (factory === undefined) return [];
  return [
    ...(useClass === undefined ? [] : [useClass]),
    {
      provide: TXMSG_OPTIONS,
      useFactory: (instance: TxMsgOptionsFactory) => instance.createTxMsgOptions(),
      inject: [factory],
    },
  ];
}

function dynamicModule(
  { dataSource }: TxMsgModuleExtras,
  imports: NonNullable<ModuleMetadata['imports']>,
  optionProviders: Provider[],
): DynamicModule {
  return {
    module: TxMsgModule,
    global: true,
    imports: [DiscoveryModule, TerminusModule, ...imports],
    providers: [
      ...optionProviders,
      { provide: TXMSG_SETTINGS, inject: [TXMSG_OPTIONS, ConfigurationProblems], useFactory: settingsOf },
      { provide: TXMSG_DATA_SOURCE, useExisting: getDataSourceToken(dataSource) },
      ...PARTS,
    ],
    exports: [
      TransactionTemplate,
      LocalMessageOutbox,
      DurableJobs,
      DeadLetters,
      DatabaseTransactions,
      TxMsgHealthIndicator,
      FaultInjector,
    ],
  };
}

function settingsOf(options: TxMsgOptions, configuration: ConfigurationProblems): TxMsgSettings {
  const { settings, problems } = resolveOptions(options);
  configuration.found.push(...problems);
  return settings;
}

function faultsOf(
  { faults, serviceFaultPoints }: TxMsgSettings,
  configuration: ConfigurationProblems,
): FaultInjector {
  if (faults === undefined) return new NoFaults();
  try {
    return new ConfiguredFaults(faults, serviceFaultPoints);
  } catch (error) {
    configuration.add(error);
    return new NoFaults();
  }
}

/** Undefined for options that are refused: the application does not start then, and nothing asks for a client. */
async function transportOf(
  { rocketmq }: TxMsgSettings,
  configuration: ConfigurationProblems,
): Promise<BrokerTransport | undefined> {
  try {
    return await createTransport(rocketmq);
  } catch (error) {
    configuration.add(error);
    return undefined;
  }
}

const PARTS: Provider[] = [
  {
    provide: DatabaseTransactions,
    inject: [TXMSG_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => new DatabaseTransactions(dataSource),
  },
  {
    provide: ReservedConnections,
    inject: [TXMSG_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => new ReservedConnections(dataSource),
  },
  {
    provide: FaultInjector,
    inject: [TXMSG_SETTINGS, ConfigurationProblems],
    useFactory: faultsOf,
  },
  {
    provide: BrokerTransport,
    inject: [TXMSG_SETTINGS, ConfigurationProblems],
    useFactory: transportOf,
  },
  {
    provide: LocalMessageStore,
    inject: [DatabaseTransactions, TXMSG_SETTINGS],
    useFactory: (transactions: DatabaseTransactions, { outboxRetentionMs }: TxMsgSettings) =>
      new LocalMessageStore(transactions, outboxRetentionMs),
  },
  {
    provide: OutboxRelay,
    inject: [TXMSG_SETTINGS, LocalMessageStore, BrokerClients, FaultInjector],
    useFactory: (
      { outbox, names }: TxMsgSettings,
      store: LocalMessageStore,
      clients: BrokerClients,
      faults: FaultInjector,
    ) => {
      const topics = outbox.topics.map((topic) => names.actual('topics', topic));
      return new OutboxRelay(topics, store, clients, faults, { gatherMs: outbox.gatherMs });
    },
  },
  {
    provide: RetentionJob,
    inject: [TXMSG_SETTINGS, DatabaseTransactions],
    useFactory: (settings: TxMsgSettings, transactions: DatabaseTransactions) =>
      new RetentionJob(
        [
          new ExpiredRows(transactions, BARRIER_ROWS, settings.barrierRetentionMs + CLOCK_MARGIN_MS),
          new ExpiredRows(transactions, PUBLISHED_MESSAGES, settings.outboxRetentionMs),
          // As long as the barrier's row of the message that started it: a message that comes again starts nothing.
          new ExpiredRows(transactions, FINISHED_JOBS, settings.barrierRetentionMs + CLOCK_MARGIN_MS),
        ],
        settings.retentionIntervalMs,
      ),
  },
  {
    provide: DeadLetterPort,
    inject: [DatabaseTransactions, Barrier, FaultInjector, TXMSG_SETTINGS],
    useFactory: (
      transactions: DatabaseTransactions,
      barrier: Barrier,
      faults: FaultInjector,
      { messageLimits }: TxMsgSettings,
    ) => new DeadLetterIntake(new DeadLetterStore(transactions, barrier, faults, messageLimits.bodyBytesMax)),
  },
  Telemetry,
  ConfigurationProblems,
  Barrier,
  AttemptOutcomes,
  BrokerClients,
  DeadLetterReader,
  LocalTransactionExecutor,
  TransactionTemplate,
  TransactionalTopics,
  LocalMessageOutbox,
  DurableJobs,
  JobRuntime,
  ProducerRuntime,
  ConsumerRuntime,
  DeadLetters,
  TxMsgGauges,
  TxMsgHealthIndicator,
  StartChecks,
  TxMsgLifecycle,
];
