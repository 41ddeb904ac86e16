import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { IsString } from 'class-validator';
import type { DataSource, EntityManager } from 'typeorm';
import { startLibraryApplication } from '../../test/library-application.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import {
  commit,
  DeadLetters,
  LocalMessageOutbox,
  MessageListener,
  MessageTooLargeError,
  TransactionListener,
  TransactionTemplate,
  type DeadLetterSummary,
  type LocalTransactionOutcome,
  type MessageHandler,
} from '../index.js';
import { eventually, InMemoryBroker } from '../testing/index.js';

const TOPIC = 't_limits';
const EVENTS = 't_limits_events';
const GROUP = 'c_limits';
const LIMITS = {
  bodyBytesMax: 2000,
  depthMax: 4,
  valuesMax: 50,
  stringBytesMax: 1000,
  numberCharactersMax: 20,
};
const alice = { by: 'alice' };

class NoteEvent {
  @IsString()
  txNo!: string;
}

const dismissed: string[] = [];

@TransactionListener({ topic: TOPIC, producerGroup: 'p_limits' })
class Sender {
  executeLocalTransaction(): Promise<LocalTransactionOutcome> {
    return Promise.resolve(commit(undefined));
  }
}

@MessageListener({ topic: EVENTS, consumerGroup: GROUP, payload: NoteEvent })
class Receiver implements MessageHandler<NoteEvent> {
  async onMessage({ txNo }: NoteEvent, manager: EntityManager): Promise<void> {
    await manager.query('INSERT INTO effect (tx_no, note) VALUES (?, ?)', [txNo, 'received']);
  }

  onDismiss({ txNo }: NoteEvent): Promise<void> {
    dismissed.push(txNo);
    return Promise.resolve();
  }
}

/** Payloads that break one limit each. */
const TOO_LARGE: [string, object][] = [
  ['bodyBytesMax', { notes: ['x'.repeat(900), 'x'.repeat(900), 'x'.repeat(300)] }],
  ['stringBytesMax', { note: '张'.repeat(334) }],
  ['stringBytesMax', { ['k'.repeat(1001)]: 1 }],
  ['depthMax', { a: [[[[1]]]] }],
  ['valuesMax', { list: Array.from({ length: 60 }, () => 0) }],
  ['numberCharactersMax', { number: 1.2345678901234567e-100 }],
];

describe('the limits of messages', () => {
  const broker = new InMemoryBroker();
  const producer = broker.createProducer(EVENTS);
  let direct: DataSource;
  let application: INestApplicationContext;
  let letters: DeadLetters;

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    const databaseUrl = await createLibraryDatabase('limits');
    direct = await openDataSource(databaseUrl);
    application = await startLibraryApplication({
      databaseUrl,
      listeners: [Sender, Receiver],
      options: { messageLimits: LIMITS, outbox: { topics: [EVENTS] } },
      transport: broker,
    });
    letters = application.get(DeadLetters);
    producer.start();
  });
  afterAll(async () => {
    await producer.close(1000);
    await application.close();
    await direct.destroy();
    broker.close();
    jest.restoreAllMocks();
  });

  const rows = (sql: string, txNo: string): Promise<object[]> => direct.query<object[]>(sql, [txNo]);
  const deliver = (key: string, body: string): Promise<unknown> =>
    producer.send({ topic: EVENTS, key, body: Buffer.from(body), properties: { trace: 'x' } }, 1000);
  const untilLetterOf = (key: string): Promise<DeadLetterSummary> =>
    eventually(async () => {
      for (const letter of (await letters.list({ limit: 100 })).deadLetters) {
        if ((await letters.find(letter.id))?.keys.includes(key)) return letter;
      }
      return false;
    });

  describe.each(TOO_LARGE)('a payload that breaks %s', (limit, payload) => {
    it('is refused by both ways to send a half message before anything is done', async () => {
      const template = application.get(TransactionTemplate);
      const txNo = randomUUID();
      const guard = (): Promise<boolean> => Promise.resolve(true);
      for (const sending of [
        template.sendMessageInTransaction(TOPIC, payload, { txNo }),
        template.resendMessageInTransaction(TOPIC, payload, { txNo, guard }),
      ]) {
        await expect(sending).rejects.toThrow(MessageTooLargeError);
        await expect(sending).rejects.toThrow(limit);
      }
      expect(broker.halfMessages(TOPIC)).toEqual([]);
      expect(await rows('SELECT * FROM de_duplication WHERE tx_no = ?', txNo)).toEqual([]);
    });

    it('is refused by the outbox, and nothing is stored', async () => {
      const txNo = randomUUID();
      const outbox = application.get(LocalMessageOutbox);
      await direct.transaction(async (manager) => {
        await expect(outbox.publish(manager, EVENTS, payload, { txNo })).rejects.toThrow(
          MessageTooLargeError,
        );
      });
      expect(await rows('SELECT * FROM local_message WHERE tx_no = ?', txNo)).toEqual([]);
    });

    it('becomes a dead letter when a stranger sends it, and what is behind it is handled', async () => {
      const [key, behind] = [randomUUID(), randomUUID()];
      await deliver(key, JSON.stringify({ txNo: 'large', ...payload }));
      await deliver(behind, JSON.stringify({ txNo: behind }));
      const { id, reason, detail } = await untilLetterOf(key);
      expect([reason, detail]).toEqual(['POISON', expect.stringContaining(limit)]);
      await eventually(async () => (await rows('SELECT * FROM effect WHERE tx_no = ?', behind)).length === 1);
      expect(await letters.dismiss(id, alice)).toEqual({ outcome: 'DONE' });
    });
  });

  it('let a dead letter say that its body was cut, and nobody handles what is left of it', async () => {
    const key = randomUUID();
    // The first part is a message that could be handled.
    await deliver(key, JSON.stringify({ txNo: 'cut' }).padEnd(10_000));
    const { id, bodyBytes, detail } = await untilLetterOf(key);
    expect(bodyBytes).toBeLessThanOrEqual(LIMITS.bodyBytesMax);
    expect(detail).toContain('its body of 10000 bytes was cut');
    expect(await letters.find(id)).toMatchObject({
      cut: { bytes: 10_000, compressed: false },
      body: { encoding: 'utf8', text: expect.stringMatching(/^\{"txNo":"cut"\} +…$/) },
      properties: { trace: 'x' },
      keys: [key],
    });
    expect(await letters.redrive(id, alice)).toEqual({ outcome: 'BODY_CUT' });
    expect(await letters.find(id)).toMatchObject({ state: 'OPEN', history: [] });
    expect(await rows('SELECT * FROM effect WHERE tx_no = ?', 'cut')).toEqual([]);

    expect(await letters.dismiss(id, alice)).toEqual({ outcome: 'DONE' });
    expect(await letters.redrive(id, alice)).toEqual({ outcome: 'CLOSED', state: 'DISMISSED' });
    expect(dismissed).toEqual([]);
  });

  it('do not let a sender forge the mark of a cut body', async () => {
    const key = randomUUID();
    const properties = { cut: '{"bytes":1,"compressed":false}' };
    await producer.send({ topic: EVENTS, key, body: Buffer.from('{}'), properties }, 1000);
    const { id } = await untilLetterOf(key);
    expect(await letters.find(id)).toMatchObject({ cut: null, properties });
    expect(await letters.redrive(id, alice)).toMatchObject({ outcome: 'FAILED', reason: 'POISON' });
  });
});
