import { randomBytes } from 'node:crypto';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { Test } from '@nestjs/testing';
import { DatabaseTransactions, Deadline, mysqlDataSourceOptions } from 'txmsg';
import { FaultInjector, NoFaults } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import type { DataSource, EntityManager } from 'typeorm';
import {
  WebhookDeliveries,
  Webhooks,
  WebhooksModule,
  WebhookSubscribers,
  type DeliveryDetail,
  type NewSubscriber,
  type Subscriber,
  type WebhooksOptions,
} from '../src/index.js';
import type { MovableClock } from './movable-clock.js';
import type { Receiver } from './receiver.js';

const DEADLINE_MS = 30_000;
/** For hundreds of statements on a busy machine. */
const TRANSACTION_DEADLINE_MS = 120_000;
export const EVENT = {
  type: 'work.done',
  timestamp: new Date('2026-01-31T08:00:00Z'),
  data: { text: 'añ中' },
};

export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** A service that uses the library, as one Nest application in this process: any number on one database. */
export class WebhookService {
  private constructor(private readonly application: INestApplicationContext) {}

  static async start(
    url: string,
    options: Partial<WebhooksOptions> & Pick<WebhooksOptions, 'encryptionKeys'>,
    faults: FaultInjector = new NoFaults(),
    connectionLimit?: number,
  ): Promise<WebhookService> {
    @Module({
      providers: [
        {
          provide: DatabaseTransactions,
          inject: [getDataSourceToken()],
          useFactory: (dataSource: DataSource) => new DatabaseTransactions(dataSource),
        },
        { provide: FaultInjector, useValue: faults },
      ],
      exports: [DatabaseTransactions, FaultInjector],
    })
    class TransactionsModule {}
    const testing = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({
          ...mysqlDataSourceOptions(url, {
            connectTimeoutMs: 30_000,
            ...(connectionLimit !== undefined && { connectionLimit }),
          }),
          retryAttempts: 0,
        }),
        { module: TransactionsModule, global: true },
        WebhooksModule.forRootAsync({
          useFactory: () => ({
            ...{ jitter: 0, callTimeoutMs: 5000, scanIntervalMs: 20, retentionIntervalMs: 0 },
            // A circuit is measured by the real time; what is tested here is the ladder.
            breakerPauseMs: 1,
            ...options,
          }),
        }),
      ],
    }).compile();
    try {
      return new WebhookService(await testing.init());
    } catch (error) {
      // What it opened before it refused to start.
      await testing.close();
      throw error;
    }
  }

  get webhooks(): Webhooks {
    return this.application.get(Webhooks);
  }

  get subscribers(): WebhookSubscribers {
    return this.application.get(WebhookSubscribers);
  }

  get deliveries(): WebhookDeliveries {
    return this.application.get(WebhookDeliveries);
  }

  get dataSource(): DataSource {
    return this.application.get<DataSource>(getDataSourceToken());
  }

  get<T>(token: new (...parameters: never[]) => T): T {
    return this.application.get(token);
  }

  subscribe(receiver: Pick<Receiver, 'url'>, more: Partial<NewSubscriber> = {}): Promise<Subscriber> {
    return this.subscribers.create({
      ...{ name: `receiver ${randomBytes(4).toString('hex')}`, url: receiver.url, events: [EVENT.type] },
      ...{ secret: newSecret(), allowPrivateAddresses: true, ...more },
    });
  }

  inTransaction<T>(
    work: (manager: EntityManager) => Promise<T>,
    decision: 'COMMIT' | 'ROLLBACK' = 'COMMIT',
  ): Promise<T> {
    const transactions = this.application.get(DatabaseTransactions);
    return transactions.run(async ({ entityManager }) => ({ decision, value: await work(entityManager) }), {
      deadline: Deadline.in(TRANSACTION_DEADLINE_MS),
    });
  }

  /** In a transaction of its own. */
  async enqueue(subscriber: Pick<Subscriber, 'id'>, ...ids: string[]): Promise<void> {
    await this.inTransaction(async (manager) => {
      for (const id of ids) await this.webhooks.enqueue(manager, { ...EVENT, subscriber: subscriber.id, id });
    });
  }

  async delivery(id: string): Promise<DeliveryDetail> {
    const found = await this.deliveries.find(id);
    if (found === undefined) throw new Error(`There is no delivery "${id}".`);
    return found;
  }

  /** As soon as so many calls are recorded. */
  untilCalls(id: string, calls: number): Promise<DeliveryDetail> {
    return this.until(id, (delivery) => delivery.calls >= calls && !delivery.isClaimed);
  }

  untilState(id: string, state: DeliveryDetail['state']): Promise<DeliveryDetail> {
    return this.until(id, (delivery) => delivery.state === state);
  }

  /**
   * Proves that what was due at this moment has been claimed: a delivery that is enqueued now is claimed in a round after it.
   * @param well - somebody who acknowledges
   */
  async untilClaimed(well: Subscriber): Promise<void> {
    for (let round = 0; round < 2; round++) {
      const id = `round-${randomBytes(8).toString('hex')}`;
      await this.enqueue(well, id);
      await this.untilState(id, 'ACKNOWLEDGED');
    }
  }

  close(): Promise<void> {
    return this.application.close();
  }

  private until(id: string, isSo: (delivery: DeliveryDetail) => boolean): Promise<DeliveryDetail> {
    return eventually(
      async () => {
        const delivery = await this.delivery(id);
        return isSo(delivery) && delivery;
      },
      { timeoutMs: DEADLINE_MS },
    );
  }
}

/** The services and receivers of a test file, which it closes together. */
export class WebhookTest {
  readonly encryptionKeys = [randomBytes(32).toString('base64')];
  private readonly opened: { close(): Promise<void> }[] = [];

  constructor(
    private readonly url: () => string,
    private readonly clock: () => MovableClock | undefined = () => undefined,
  ) {}

  async service(
    options: Partial<WebhooksOptions> = {},
    faults: FaultInjector = new NoFaults(),
    connectionLimit?: number,
  ): Promise<WebhookService> {
    const clock = this.clock();
    const all = { encryptionKeys: this.encryptionKeys, ...(clock && { clock }), ...options };
    return this.open(await WebhookService.start(this.url(), all, faults, connectionLimit));
  }

  open<T extends { close(): Promise<void> }>(one: T): T {
    this.opened.push(one);
    return one;
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((one) => one.close()));
  }
}
