import { afterAll, afterEach, beforeAll, beforeEach, jest } from '@jest/globals';
import { Logger, type INestApplicationContext, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IsString } from 'class-validator';
import type { DataSource, EntityManager } from 'typeorm';
import { BrokerTransport } from '../src/broker/index.js';
import {
  commit,
  MessageListener,
  mysqlDataSourceOptions,
  TransactionListener,
  TxMsgConfigurationError,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
  type MessageHandler,
  type TxMsgOptions,
} from '../src/index.js';
import { InMemoryBroker } from '../src/testing/index.js';
import { startLibraryApplication } from './library-application.js';
import { CONNECT_TIMEOUT_MS, createLibraryDatabase, openDataSource } from './library-database.js';

export class Note {
  @IsString()
  readonly txNo!: string;
}

export const NOTES = { rocketmq: { endpoints: '127.0.0.1:9' } };

export function sender(topic: string, producerGroup: string): Type {
  @TransactionListener({ topic, producerGroup })
  class NoteSender implements LocalTransactionListener<Note, undefined, string, never> {
    executeLocalTransaction(): Promise<LocalTransactionOutcome<string, never>> {
      return Promise.resolve(commit('done'));
    }
  }
  return NoteSender;
}

export function receiver(topic: string, consumerGroup: string): Type {
  @MessageListener({ topic, consumerGroup, payload: Note })
  class NoteReceiver implements MessageHandler<Note> {
    async onMessage({ txNo }: Note, manager: EntityManager): Promise<void> {
      await manager.query("INSERT INTO effect (tx_no, note) VALUES (?, 'received')", [txNo]);
    }
  }
  return NoteReceiver;
}

export async function problemsOf(starting: Promise<unknown>): Promise<readonly string[]> {
  try {
    await starting;
    return [];
  } catch (error) {
    if (error instanceof TxMsgConfigurationError) return error.problems;
    throw error;
  }
}

/** The services that one test starts: on a database of its own, and a broker in memory. */
export class StartingServices {
  url!: string;
  direct!: DataSource;
  broker!: InMemoryBroker;
  private readonly applications: INestApplicationContext[] = [];

  /** For the whole `describe` that it is called in. */
  static forEachTest(): StartingServices {
    const services = new StartingServices();
    beforeAll(() => {
      jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
      jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    });
    beforeEach(() => services.prepare());
    afterEach(() => services.end());
    afterAll(() => {
      jest.restoreAllMocks();
    });
    return services;
  }

  async start(
    listeners: readonly Type[],
    options: Partial<TxMsgOptions> = {},
    databaseUrl = this.url,
  ): Promise<INestApplicationContext> {
    return this.ended(
      await startLibraryApplication({
        databaseUrl,
        listeners,
        options: { ...NOTES, ...options },
        transport: this.broker,
      }),
    );
  }

  /** Starts a module of the test's own. */
  async startModule(applicationModule: Type): Promise<INestApplicationContext> {
    const builder = Test.createTestingModule({ imports: [applicationModule] });
    const testing = await builder.overrideProvider(BrokerTransport).useValue(this.broker).compile();
    return this.ended(testing).init();
  }

  typeOrmModule(): ReturnType<typeof TypeOrmModule.forRoot> {
    return TypeOrmModule.forRoot({
      ...mysqlDataSourceOptions(this.url, { connectTimeoutMs: CONNECT_TIMEOUT_MS }),
      retryAttempts: 0,
    });
  }

  private ended<Application extends INestApplicationContext>(application: Application): Application {
    this.applications.push(application);
    return application;
  }

  private async prepare(): Promise<void> {
    this.url = await createLibraryDatabase('start');
    this.direct = await openDataSource(this.url);
    this.broker = new InMemoryBroker();
  }

  private async end(): Promise<void> {
    for (const application of this.applications.splice(0)) await application.close();
    await this.direct.destroy();
  }
}
