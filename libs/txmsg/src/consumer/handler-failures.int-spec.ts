import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { IsString } from 'class-validator';
import type { DataSource, EntityManager } from 'typeorm';
import { startLibraryApplication } from '../../test/library-application.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import type { OutgoingMessage } from '../broker/index.js';
import {
  MessageListener,
  type BatchMessageHandler,
  type MessageHandler,
  type MessageItem,
} from '../index.js';
import { eventually, InMemoryBroker, MysqlProxy } from '../testing/index.js';

class NoteEvent {
  @IsString()
  txNo!: string;
}

const TOPIC = 't_handler_failures';
const BATCH_TOPIC = 't_handler_failures_batch';

/** What handlers do after the effect was written, by txNo. */
const scripts = new Map<string, () => Promise<void>>();
/** The txNos of every call of the batch handler. */
const batches: string[][] = [];

async function write(items: readonly NoteEvent[], entityManager: EntityManager): Promise<void> {
  for (const { txNo } of items) {
    await entityManager.query("INSERT INTO effect (tx_no, note) VALUES (?, '')", [txNo]);
    await scripts.get(txNo)?.();
  }
}

/** One failure is enough for a dead letter. */
@MessageListener({ topic: TOPIC, consumerGroup: 'c_single', payload: NoteEvent, attemptsMax: 1 })
class NoteListener implements MessageHandler<NoteEvent> {
  onMessage(payload: NoteEvent, entityManager: EntityManager): Promise<void> {
    return write([payload], entityManager);
  }
}

@MessageListener({ topic: BATCH_TOPIC, consumerGroup: 'c_batch', payload: NoteEvent, attemptsMax: 2 })
class NoteBatchListener implements BatchMessageHandler<NoteEvent> {
  onMessages(items: readonly MessageItem<NoteEvent>[], entityManager: EntityManager): Promise<void> {
    batches.push(items.map(({ txNo }) => txNo));
    return write(
      items.map(({ payload }) => payload),
      entityManager,
    );
  }
}

/** Real MySQL; a broker in memory, because it hands out together what was sent together. */
describe('a failure of the handler', () => {
  const broker = new InMemoryBroker();
  const single = broker.createProducer(TOPIC);
  const batched = broker.createProducer(BATCH_TOPIC);
  let direct: DataSource;
  let proxy: MysqlProxy;
  let application: INestApplicationContext;

  /** Visible to consumers at once and together. */
  const sendAll = (topic: string, txNos: readonly string[]): Promise<unknown> => {
    const producer = topic === TOPIC ? single : batched;
    const message = (txNo: string): OutgoingMessage => ({
      topic,
      key: txNo,
      body: Buffer.from(JSON.stringify({ txNo })),
      properties: {},
    });
    return Promise.all(txNos.map((txNo) => producer.send(message(txNo), 1000)));
  };
  const effects = async (txNo: string): Promise<number> =>
    (await direct.query<unknown[]>('SELECT 1 FROM effect WHERE tx_no = ?', [txNo])).length;
  const deadLetters = (txNo: string): Promise<{ reason: string; detail: string }[]> =>
    direct.query('SELECT reason, detail FROM dead_letter WHERE tx_no = ?', [txNo]);

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    const url = await createLibraryDatabase('handler_failures');
    direct = await openDataSource(url);
    proxy = await MysqlProxy.start(url);
    application = await startLibraryApplication({
      databaseUrl: proxy.url,
      listeners: [NoteListener, NoteBatchListener],
      // No statement of anything but the messages passes by the proxy.
      options: { handlerTimeoutMs: 4000, retentionIntervalMs: 0 },
      transport: broker,
    });
    for (const producer of [single, batched]) producer.start();
  });
  afterAll(async () => {
    await Promise.all([single.close(1000), batched.close(1000)]);
    await application.close();
    await direct.destroy();
    await proxy.close();
    broker.close();
    jest.restoreAllMocks();
  });
  beforeEach(() => {
    scripts.clear();
    batches.length = 0;
  });

  it.each([
    ['START TRANSACTION', () => Promise.resolve()],
    ['ROLLBACK', () => Promise.reject(new Error('once'))],
  ])('is not what a database is that freezes at %s, even where one is too many', async (statement, end) => {
    const txNo = randomUUID();
    scripts.set(txNo, async () => {
      scripts.delete(txNo);
      await end();
    });
    const frozen = proxy.at(new RegExp(`^${statement}$`), 'swallow-answer');
    await sendAll(TOPIC, [txNo]);
    await frozen;
    await eventually(async () => (await effects(txNo)) === 1, { timeoutMs: 60_000 });
    expect(await deadLetters(txNo)).toEqual([]);
  });

  it('costs no neighbour in the same batch anything: they are done before it is tried again', async () => {
    const [before, bad, after] = ['a', 'b', 'c'].map((name) => `${name}-${randomUUID()}`) as [
      string,
      string,
      string,
    ];
    const neighboursDone: number[] = [];
    scripts.set(bad, async () => {
      neighboursDone.push((await effects(before)) + (await effects(after)));
      throw new Error('always');
    });
    await sendAll(BATCH_TOPIC, [bad, after, before]);
    await eventually(async () => (await deadLetters(bad)).length === 1, { timeoutMs: 60_000 });
    expect(batches).toEqual([[before, bad, after], [before, bad, after], [bad], [after], [before], [bad]]);
    expect(neighboursDone.at(-1)).toBe(2);
    expect([await effects(before), await effects(bad), await effects(after)]).toEqual([1, 0, 1]);
    expect(await deadLetters(bad)).toMatchObject([{ reason: 'HANDLER_FAILED', detail: 'Error: always' }]);
    expect([...(await deadLetters(before)), ...(await deadLetters(after))]).toEqual([]);
  });
});
