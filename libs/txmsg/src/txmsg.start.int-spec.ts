import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  Controller,
  Inject,
  Injectable,
  Logger,
  Module,
  Scope,
  type INestApplicationContext,
  type Type,
} from '@nestjs/common';
import { ModuleRef, REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IsString } from 'class-validator';
import type { DataSource, EntityManager } from 'typeorm';
import { startLibraryApplication } from '../test/library-application.js';
import { CONNECT_TIMEOUT_MS, createLibraryDatabase, openDataSource } from '../test/library-database.js';
import { BrokerTransport } from './broker/index.js';
import {
  commit,
  MessageListener,
  mysqlDataSourceOptions,
  TransactionListener,
  TransactionTemplate,
  TxMsgConfigurationError,
  TxMsgModule,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
  type MessageHandler,
} from './index.js';
import { eventually, InMemoryBroker } from './testing/index.js';

class Note {
  @IsString()
  readonly txNo!: string;
}

const NOTES: { readonly rocketmq: { readonly endpoints: string } } = {
  rocketmq: { endpoints: '127.0.0.1:9' },
};

function sender(topic: string, producerGroup: string): Type {
  @TransactionListener({ topic, producerGroup })
  class NoteSender implements LocalTransactionListener<Note, undefined, string, never> {
    executeLocalTransaction(): Promise<LocalTransactionOutcome<string, never>> {
      return Promise.resolve(commit('done'));
    }
  }
  return NoteSender;
}

function receiver(topic: string, consumerGroup: string): Type {
  @MessageListener({ topic, consumerGroup, payload: Note })
  class NoteReceiver implements MessageHandler<Note> {
    async onMessage({ txNo }: Note, manager: EntityManager): Promise<void> {
      await manager.query("INSERT INTO effect (tx_no, note) VALUES (?, 'received')", [txNo]);
    }
  }
  return NoteReceiver;
}

describe('starting', () => {
  let url: string;
  let direct: DataSource;
  let broker: InMemoryBroker;
  const applications: INestApplicationContext[] = [];

  beforeAll(() => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });
  afterEach(async () => {
    for (const application of applications.splice(0)) await application.close();
    await direct.destroy();
  });

  async function newDatabase(): Promise<void> {
    url = await createLibraryDatabase('start');
    direct = await openDataSource(url);
    broker = new InMemoryBroker();
  }

  async function start(listeners: readonly Type[], databaseUrl = url): Promise<INestApplicationContext> {
    const started = await startLibraryApplication({
      databaseUrl,
      listeners,
      options: NOTES,
      transport: broker,
    });
    applications.push(started);
    return started;
  }

  async function problemsOf(starting: Promise<unknown>): Promise<readonly string[]> {
    try {
      await starting;
      return [];
    } catch (error) {
      if (error instanceof TxMsgConfigurationError) return error.problems;
      throw error;
    }
  }

  describe('with one name in two roles', () => {
    beforeEach(newDatabase);

    it('is refused, in a sentence with both: every delivery would count as done', async () => {
      const problems = await problemsOf(start([sender('notes', 'group'), receiver('notes', 'group')]));
      expect(problems).toEqual([
        expect.stringContaining(
          '"group" is the producer group of topic "notes" and the consumer group of topic "notes"',
        ),
      ]);
    });

    it('is refused for two transactional topics: the second send of a txNo would count as done', async () => {
      const problems = await problemsOf(start([sender('orders', 'group'), sender('payments', 'group')]));
      expect(problems).toEqual([
        expect.stringContaining(
          '"group" is the producer group of topic "orders" and the producer group of topic "payments"',
        ),
      ]);
    });

    it('is refused between services that share a database, whichever comes first', async () => {
      await start([sender('notes', 'group')]);
      expect(await problemsOf(start([receiver('notes', 'group'), receiver('notes', 'other')]))).toEqual([
        expect.stringContaining(
          '"group" is the consumer group of topic "notes" here, and the producer group of topic "notes"',
        ),
      ]);
      // Whoever was refused has taken no other name away.
      await start([sender('other-notes', 'other')]);
      expect(await problemsOf(start([sender('more-notes', 'group')]))).toEqual([
        expect.stringContaining("DELETE FROM txmsg_scope WHERE scope = 'group'"),
      ]);
    });

    it('is refused for one of two services that start at the same moment', async () => {
      const services = Array.from({ length: 6 }, (_, index) =>
        index % 2 === 0 ? sender('notes', 'group') : receiver('notes', 'group'),
      );
      const refused = await Promise.all(services.map((service) => problemsOf(start([service]))));
      const started = refused.map((problems) => problems.length === 0);
      expect(started.filter(Boolean)).toHaveLength(3);
      expect(new Set(started.filter((_, index) => index % 2 === 0)).size).toBe(1);
    });

    it('is allowed again when the row of the former use is deleted', async () => {
      await (await start([sender('notes', 'group')])).close();
      await direct.query("DELETE FROM txmsg_scope WHERE scope = 'group'");
      await start([sender('renamed-notes', 'group')]);
    });

    it('is allowed for any number of instances of one service, at once and one after another', async () => {
      const service = [sender('notes', 'senders'), receiver('notes', 'receivers')];
      await Promise.all([start(service), start(service), start(service)]);
      const application = await start(service);
      const sent = await application
        .get(TransactionTemplate)
        .sendMessageInTransaction('notes', { txNo: '1' }, { txNo: '1' });
      expect(sent).toMatchObject({ state: 'COMMITTED' });
      await eventually(async () => (await direct.query<unknown[]>('SELECT 1 FROM effect')).length === 1);
    });
  });

  describe('with a database that is not prepared', () => {
    beforeEach(newDatabase);

    it('says which tables are missing, and what makes them', async () => {
      await direct.query('DROP TABLE dead_letter_action, local_message');
      const problems = await problemsOf(start([receiver('notes', 'receivers')]));
      expect(problems).toEqual([expect.stringMatching(/local_message, dead_letter_action.*sql\/txmsg\.sql/)]);
    });

    it('says which rights the account lacks', async () => {
      const name = new URL(url).pathname.slice(1);
      const account = name.slice(-20);
      await direct.query(`CREATE USER '${account}'@'%' IDENTIFIED BY 'secret'`);
      await direct.query(`GRANT SELECT ON \`${name}\`.* TO '${account}'@'%'`);
      await direct.query(`GRANT INSERT ON \`${name}\`.\`txmsg_identity\` TO '${account}'@'%'`);
      const limited = new URL(url);
      limited.username = account;
      limited.password = 'secret';
      try {
        const problems = await problemsOf(start([receiver('notes', 'receivers')], limited.href));
        expect(problems).toEqual([
          expect.stringMatching(/INSERT, UPDATE, DELETE on de_duplication.*INSERT, UPDATE on dead_letter\b/),
        ]);
        expect(problems[0]).not.toContain('txmsg_identity');
      } finally {
        await direct.query(`DROP USER '${account}'@'%'`);
      }
    });
  });

  describe('with a listener that Nest would make for each request', () => {
    @Injectable({ scope: Scope.REQUEST })
    class RequestLog {}

    @Injectable()
    class Ledger {
      constructor(readonly log: RequestLog) {}
    }

    @Injectable({ scope: Scope.TRANSIENT })
    class OwnLog {
      readonly lines: string[] = [];
    }

    @MessageListener({ topic: 'notes', consumerGroup: 'needy', payload: Note })
    class NeedyReceiver implements MessageHandler<Note> {
      constructor(readonly ledger: Ledger) {}
      onMessage(): Promise<void> {
        return Promise.reject(new Error(`never called, log: ${this.ledger.log.constructor.name}`));
      }
    }

    @Injectable({ scope: Scope.REQUEST })
    @TransactionListener({ topic: 'requests', producerGroup: 'requests' })
    class RequestSender {
      executeLocalTransaction(): Promise<LocalTransactionOutcome<string, never>> {
        return Promise.resolve(commit('done'));
      }
    }

    @Injectable({ scope: Scope.TRANSIENT })
    @TransactionListener({ topic: 'transients', producerGroup: 'transients' })
    class TransientSender extends RequestSender {}

    @MessageListener({ topic: 'notes', consumerGroup: 'curious', payload: Note })
    class CuriousReceiver extends NeedyReceiver {
      constructor(
        @Inject(REQUEST) readonly request: object,
        ledger: Ledger,
      ) {
        super(ledger);
      }
    }

    @MessageListener({ topic: 'notes', consumerGroup: 'logging', payload: Note })
    class LoggingReceiver implements MessageHandler<Note> {
      constructor(
        private readonly log: OwnLog,
        private readonly moduleRef: ModuleRef,
      ) {}
      async onMessage({ txNo }: Note, manager: EntityManager): Promise<void> {
        const requestLog = await this.moduleRef.resolve(RequestLog, undefined, { strict: false });
        this.log.lines.push(requestLog.constructor.name);
        await manager.query('INSERT INTO effect (tx_no, note) VALUES (?, ?)', [txNo, this.log.lines.join()]);
      }
    }

    beforeEach(newDatabase);

    it('is refused, in a sentence with the class and the dependency', async () => {
      const listeners = [RequestLog, Ledger, NeedyReceiver, CuriousReceiver, RequestSender, TransientSender];
      const problems = await problemsOf(start(listeners));
      expect(problems).toEqual([
        expect.stringMatching(/^RequestSender is request-scoped/),
        expect.stringMatching(/^TransientSender is transient/),
        expect.stringMatching(
          /^NeedyReceiver depends on RequestLog \(through Ledger\), which is request-scoped.*ModuleRef/,
        ),
        expect.stringMatching(/^CuriousReceiver depends on REQUEST, which is request-scoped/),
      ]);
    });

    it('is refused for a controller, which nobody would have called', async () => {
      @Controller()
      @MessageListener({ topic: 'notes', consumerGroup: 'controllers', payload: Note })
      class NotesController {}
      @Module({
        imports: [
          TypeOrmModule.forRoot({
            ...mysqlDataSourceOptions(url, { connectTimeoutMs: CONNECT_TIMEOUT_MS }),
            retryAttempts: 0,
          }),
          TxMsgModule.forRoot(NOTES),
        ],
        controllers: [NotesController],
      })
      class Application {}
      const builder = Test.createTestingModule({ imports: [Application] });
      const testing = await builder.overrideProvider(BrokerTransport).useValue(broker).compile();
      applications.push(testing);
      expect(await problemsOf(testing.init())).toEqual([
        expect.stringMatching(/^NotesController is a controller/),
      ]);
    });

    it('is not refused for a transient dependency of its own, nor for one that it resolves itself', async () => {
      const application = await start([RequestLog, OwnLog, LoggingReceiver, sender('notes', 'senders')]);
      await application
        .get(TransactionTemplate)
        .sendMessageInTransaction('notes', { txNo: '1' }, { txNo: '1' });
      await eventually(async () => {
        const [row] = await direct.query<{ note: string }[]>('SELECT note FROM effect');
        return row?.note === 'RequestLog';
      });
    });
  });

  describe('with the module imported twice', () => {
    beforeEach(newDatabase);

    it('is refused: there would be two sets of clients', async () => {
      @Module({ imports: [TxMsgModule.forRoot({ ...NOTES, sendTimeoutMs: 1000 })] })
      class Feature {}
      @Module({
        imports: [
          TypeOrmModule.forRoot({
            ...mysqlDataSourceOptions(url, { connectTimeoutMs: CONNECT_TIMEOUT_MS }),
            retryAttempts: 0,
          }),
          TxMsgModule.forRootAsync({ useFactory: () => NOTES }),
          Feature,
        ],
      })
      class Application {}
      const builder = Test.createTestingModule({ imports: [Application] });
      const testing = await builder.overrideProvider(BrokerTransport).useValue(broker).compile();
      applications.push(testing);
      expect(await problemsOf(testing.init())).toEqual([
        expect.stringContaining('TxMsgModule.forRoot or forRootAsync is imported 2 times'),
      ]);
    });

    it('is not refused for one import that several modules share', async () => {
      const shared = TxMsgModule.forRoot(NOTES);
      @Module({ imports: [shared] })
      class Feature {}
      @Module({
        imports: [
          TypeOrmModule.forRoot({
            ...mysqlDataSourceOptions(url, { connectTimeoutMs: CONNECT_TIMEOUT_MS }),
            retryAttempts: 0,
          }),
          shared,
          Feature,
        ],
      })
      class Application {}
      const builder = Test.createTestingModule({ imports: [Application] });
      const testing = await builder.overrideProvider(BrokerTransport).useValue(broker).compile();
      applications.push(testing);
      await testing.init();
    });
  });
});
