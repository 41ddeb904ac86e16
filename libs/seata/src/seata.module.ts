import {
  Module,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import { DatabaseTransactions } from 'txmsg';
import { FaultInjector, NoFaults } from 'txmsg/faults';
import {
  AT_OPTIONS,
  AT_PROVIDERS,
  AtBranchProbe,
  AtTransactions,
  GlobalLocks,
  type AtOptions,
} from './at/index.js';
import { CoordinatorChannels } from './channel/index.js';
import { SeataHealthIndicator } from './health/seata.health-indicator.js';
import { XID_SETTINGS, XidInterceptor } from './http/xid.interceptor.js';
import { BranchDispatcher } from './rm/branch.dispatcher.js';
import { BranchRegistrar } from './rm/branch.registrar.js';
import { ResourceRegistry } from './rm/resource.registry.js';
import { SeataLifecycle } from './seata.lifecycle.js';
import { SeataStartChecks } from './seata.start-checks.js';
import {
  resolveSeataOptions,
  SEATA_SETTINGS,
  type SeataOptions,
  type SeataSettings,
} from './seata.options.js';
import { FencePurge } from './tcc/fence.purge.js';
import { TccActionDiscovery } from './tcc/tcc-action.discovery.js';
import { TccActions } from './tcc/tcc-actions.js';
import { SeataCounters } from './telemetry/seata.counters.js';
import { CommitDecision } from './tm/commit-decision.js';
import { CoordinatorClient } from './tm/coordinator.client.js';
import { GlobalTransactionEnding } from './tm/global-transaction.ending.js';
import { GlobalTransactions } from './tm/global-transactions.js';
import { refuseBranchWhenOver } from './tm/open-global-transaction.js';

/** How other providers make the options. */
export interface SeataModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Makes the options. */
  readonly useFactory: (...dependencies: never[]) => SeataOptions | Promise<SeataOptions>;
  /** The providers that `useFactory` is called with. */
  readonly inject?: FactoryProvider['inject'];
}

const SEATA_OPTIONS = Symbol('SEATA_OPTIONS');

/**
 * Import it once, beside a global module that exports txmsg's `DatabaseTransactions` and `FaultInjector`, such as
 * `TxMsgModule`. Wrong options, and a database with wrong settings (docs/MYSQL.md), keep the application from starting; a
 * coordinator that is away does not.
 */
@Module({})
export class SeataModule {
  /** With options that are known when the module is declared. */
  static forRoot(options: SeataOptions): DynamicModule {
    return dynamicModule([], { provide: SEATA_OPTIONS, useValue: options });
  }

  /** With options that other providers make. */
  static forRootAsync({ imports = [], useFactory, inject = [] }: SeataModuleAsyncOptions): DynamicModule {
    return dynamicModule(imports, { provide: SEATA_OPTIONS, useFactory, inject });
  }
}

function dynamicModule(
  imports: NonNullable<ModuleMetadata['imports']>,
  optionsProvider: Provider,
): DynamicModule {
  return {
    module: SeataModule,
    global: true,
    imports: [...imports, DiscoveryModule, TerminusModule],
    providers: [optionsProvider, ...PARTS],
    exports: [
      SEATA_SETTINGS,
      XID_SETTINGS,
      GlobalTransactions,
      ResourceRegistry,
      BranchRegistrar,
      TccActions,
      AtTransactions,
      GlobalLocks,
      AtBranchProbe,
      XidInterceptor,
      SeataHealthIndicator,
    ],
  };
}

const PARTS: Provider[] = [
  { provide: SEATA_SETTINGS, inject: [SEATA_OPTIONS], useFactory: resolveSeataOptions },
  ResourceRegistry,
  SeataCounters,
  {
    provide: BranchDispatcher,
    inject: [ResourceRegistry, FaultInjector, SEATA_SETTINGS, SeataCounters],
    useFactory: (...parts: ConstructorParameters<typeof BranchDispatcher>) => new BranchDispatcher(...parts),
  },
  {
    provide: CoordinatorChannels,
    inject: [SEATA_SETTINGS, ResourceRegistry, BranchDispatcher],
    useFactory: (settings: SeataSettings, registry: ResourceRegistry, dispatcher: BranchDispatcher) => {
      const channels = new CoordinatorChannels(settings, {
        resourceIds: () => registry.resourceIds,
        onRequest: (request) => dispatcher.receive(request),
      });
      registry.onRegistered(() => {
        channels.rm.registerAgain();
      });
      return channels;
    },
  },
  {
    provide: BranchRegistrar,
    inject: [CoordinatorChannels, FaultInjector, SEATA_SETTINGS],
    useFactory: ({ rm }: CoordinatorChannels, faults: FaultInjector, { callTimeoutMs }: SeataSettings) =>
      new BranchRegistrar(rm, faults, refuseBranchWhenOver, callTimeoutMs),
  },
  {
    provide: CommitDecision,
    inject: [CoordinatorChannels, SEATA_SETTINGS],
    useFactory: ({ tm, rm }: CoordinatorChannels, { callTimeoutMs }: SeataSettings) =>
      // The fault points of a branch are those of branches that change something.
      new CommitDecision(
        new BranchRegistrar(rm, new NoFaults(), () => undefined, callTimeoutMs),
        () => tm.serverVersion,
      ),
  },
  {
    provide: GlobalTransactions,
    inject: [CoordinatorChannels, CommitDecision, FaultInjector, SEATA_SETTINGS, SeataCounters],
    useFactory: (
      { tm }: CoordinatorChannels,
      decision: CommitDecision,
      faults: FaultInjector,
      settings: SeataSettings,
      counters: SeataCounters,
    ) => {
      const client = new CoordinatorClient(tm);
      const ending = new GlobalTransactionEnding(client, faults, settings);
      return new GlobalTransactions(client, ending, decision, faults, settings, counters);
    },
  },
  { provide: XID_SETTINGS, useExisting: SEATA_SETTINGS },
  XidInterceptor,
  {
    provide: SeataHealthIndicator,
    inject: [HealthIndicatorService, CoordinatorChannels],
    useFactory: (health: HealthIndicatorService, channels: CoordinatorChannels) =>
      new SeataHealthIndicator(health, channels),
  },
  {
    provide: AT_OPTIONS,
    inject: [SEATA_SETTINGS],
    useFactory: ({ at }: SeataSettings): AtOptions | undefined => at,
  },
  ...AT_PROVIDERS,
  TccActions,
  TccActionDiscovery,
  {
    provide: FencePurge,
    inject: [DatabaseTransactions, SEATA_SETTINGS],
    useFactory: (transactions: DatabaseTransactions, settings: SeataSettings) =>
      new FencePurge(transactions, settings),
  },
  SeataStartChecks,
  SeataLifecycle,
];
