import {
  Module,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import { DatabaseTransactions } from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import { WebhookCaller } from './call/webhook.caller.js';
import { DeliveryPurge } from './delivery/delivery.purge.js';
import { DeliveryStore } from './delivery/delivery.store.js';
import { WebhookDeliveries } from './delivery/webhook-deliveries.js';
import { Webhooks } from './delivery/webhooks.js';
import { SecretBox } from './secret/secret-box.js';
import { SecretStore } from './secret/secret.store.js';
import { WebhookSubscribers } from './subscriber/webhook-subscribers.js';
import { DatabaseClock, WebhookClock } from './webhook-clock.js';
import { WebhooksLifecycle } from './webhooks.lifecycle.js';
import {
  resolveWebhooksOptions,
  WEBHOOKS_SETTINGS,
  type WebhooksOptions,
  type WebhooksSettings,
} from './webhooks.options.js';
import { DeliveryWorker } from './worker/delivery.worker.js';
import { SubscriberLanes } from './worker/subscriber-lanes.js';

/** How other providers make the options. */
export interface WebhooksModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Makes the options. */
  readonly useFactory: (...dependencies: never[]) => WebhooksOptions | Promise<WebhooksOptions>;
  /** The providers that `useFactory` is called with. */
  readonly inject?: FactoryProvider['inject'];
}

const WEBHOOKS_OPTIONS = Symbol('WEBHOOKS_OPTIONS');

/**
 * Import it once, beside `TxMsgModule`, whose transactions and fault points it uses. Wrong options, and a database without
 * the library's tables, keep the application from starting.
 */
@Module({})
export class WebhooksModule {
  /** With options that are known when the module is declared. */
  static forRoot(options: WebhooksOptions): DynamicModule {
    return dynamicModule([], { provide: WEBHOOKS_OPTIONS, useValue: options });
  }

  /** With options that other providers make. */
  static forRootAsync({ imports = [], useFactory, inject = [] }: WebhooksModuleAsyncOptions): DynamicModule {
    return dynamicModule(imports, { provide: WEBHOOKS_OPTIONS, useFactory, inject });
  }
}

function dynamicModule(
  imports: NonNullable<ModuleMetadata['imports']>,
  optionsProvider: Provider,
): DynamicModule {
  return {
    module: WebhooksModule,
    global: true,
    imports,
    providers: [optionsProvider, ...PARTS],
    exports: [Webhooks, WebhookSubscribers, WebhookDeliveries],
  };
}

const PARTS: Provider[] = [
  { provide: WEBHOOKS_SETTINGS, inject: [WEBHOOKS_OPTIONS], useFactory: resolveWebhooksOptions },
  {
    provide: WebhookClock,
    inject: [WEBHOOKS_SETTINGS],
    useFactory: ({ clock }: WebhooksSettings) => clock ?? new DatabaseClock(),
  },
  {
    provide: SecretStore,
    inject: [WEBHOOKS_SETTINGS],
    useFactory: ({ keys }: WebhooksSettings) => new SecretStore(new SecretBox(keys)),
  },
  {
    provide: DeliveryStore,
    inject: [DatabaseTransactions, SecretStore, WebhookClock, FaultInjector, WEBHOOKS_SETTINGS],
    useFactory: (
      transactions: DatabaseTransactions,
      secrets: SecretStore,
      clock: WebhookClock,
      faults: FaultInjector,
      { leaseMs }: WebhooksSettings,
    ) => new DeliveryStore(transactions, secrets, clock, faults, leaseMs),
  },
  {
    provide: DeliveryWorker,
    inject: [DeliveryStore, SecretStore, FaultInjector, WEBHOOKS_SETTINGS],
    useFactory: (
      store: DeliveryStore,
      secrets: SecretStore,
      faults: FaultInjector,
      settings: WebhooksSettings,
    ) => {
      const lanes = new SubscriberLanes(settings);
      return new DeliveryWorker(store, new WebhookCaller(settings), lanes, secrets, faults, settings);
    },
  },
  {
    provide: DeliveryPurge,
    inject: [DatabaseTransactions, WebhookClock, WEBHOOKS_SETTINGS],
    useFactory: (transactions: DatabaseTransactions, clock: WebhookClock, settings: WebhooksSettings) =>
      new DeliveryPurge(transactions, clock, settings),
  },
  Webhooks,
  WebhookSubscribers,
  WebhookDeliveries,
  WebhooksLifecycle,
];
