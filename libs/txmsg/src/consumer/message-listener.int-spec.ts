import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { IsString } from 'class-validator';
import type { DataSource, EntityManager } from 'typeorm';
import { createTopic, openTransport, startLibraryApplication } from '../../test/library-application.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import type { Producer } from '../broker/index.js';
import {
  DatabaseUnavailableError,
  MessageListener,
  TxNoConflictError,
  type BatchMessageHandler,
  type MessageHandler,
  type MessageItem,
} from '../index.js';
import { eventually } from '../testing/index.js';
import { MysqlProxy } from '../testing/mysql-proxy.js';

class NoteEvent {
  @IsString()
  txNo!: string;

  @IsString()
  note!: string;
}

const names = await createTopic('listener', 'NORMAL');
const batch = await createTopic('batch', 'NORMAL');

/** What handlers do to a note, by its text; everything else is written down. */
const scripts = new Map<string, (entityManager: EntityManager) => Promise<void>>();

async function write(items: readonly NoteEvent[], entityManager: EntityManager): Promise<void> {
  for (const { txNo, note } of items) {
    await entityManager.query('INSERT INTO effect (tx_no, note) VALUES (?, ?)', [txNo, note]);
    await scripts.get(note)?.(entityManager);
  }
}

@MessageListener({
  topic: names.topic,
  consumerGroup: names.consumerGroup,
  payload: NoteEvent,
  attemptsMax: 2,
})
class NoteListener implements MessageHandler<NoteEvent> {
  onMessage(payload: NoteEvent, entityManager: EntityManager): Promise<void> {
    return write([payload], entityManager);
  }
}

@MessageListener({
  topic: batch.topic,
  consumerGroup: batch.consumerGroup,
  payload: NoteEvent,
  attemptsMax: 2,
})
class NoteBatchListener implements BatchMessageHandler<NoteEvent> {
  static readonly sizes: number[] = [];

  onMessages(items: readonly MessageItem<NoteEvent>[], entityManager: EntityManager): Promise<void> {
    NoteBatchListener.sizes.push(items.length);
    return write(
      items.map(({ payload }) => payload),
      entityManager,
    );
  }
}

describe.each([
  ['the single form', names.topic],
  ['the batch form', batch.topic],
])('@MessageListener in %s, on real servers', (_form, topic) => {
  let direct: DataSource;
  let proxy: MysqlProxy;
  let application: INestApplicationContext;
  let producer: Producer;

  const sendBody = (body: string | Buffer, key = 'k'): Promise<unknown> =>
    producer.send({ topic, key, body: Buffer.from(body as string), properties: {} }, 60_000);
  const send = (txNo: string, note: string): Promise<unknown> =>
    sendBody(JSON.stringify({ txNo, note }), txNo);
  const effects = async (txNo: string): Promise<string[]> =>
    (
      await direct.query<{ note: string }[]>('SELECT note FROM effect WHERE tx_no = ? ORDER BY id', [txNo])
    ).map(({ note }) => note);
  const deadLetters = (
    where: string,
    value: string,
  ): Promise<{ reason: string; body: Buffer; detail: string }[]> =>
    direct.query(`SELECT reason, body, detail FROM dead_letter WHERE ${where} = ?`, [value]);
  /** A later message went all the way, so earlier ones had their turn (there is no order, hence several). */
  const untilEffect = (txNo: string, count = 1): Promise<unknown> =>
    eventually(async () => (await effects(txNo)).length >= count);

  beforeAll(async () => {
    const url = await createLibraryDatabase('listener');
    direct = await openDataSource(url);
    proxy = await MysqlProxy.start(url);
    application = await startLibraryApplication({
      databaseUrl: proxy.url,
      listeners: [topic === names.topic ? NoteListener : NoteBatchListener],
      // Nothing else may send a COMMIT through the proxy.
      options: { retentionIntervalMs: 0 },
    });
    producer = (await openTransport()).createProducer(topic);
    producer.start();
    await producer.whenReady(30_000);
  });
  afterAll(async () => {
    await producer.close(3000);
    await application.close();
    await direct.destroy();
    await proxy.close();
  });
  beforeEach(() => {
    scripts.clear();
  });

  it('applies a message once, however often it is sent', async () => {
    const txNo = randomUUID();
    await Promise.all(Array.from({ length: 5 }, () => send(txNo, 'once')));
    await sendBody(`{ "note" : "once", "unknown": 1, "txNo": "${txNo}" }`);
    await untilEffect(txNo);
    const later = randomUUID();
    await send(later, 'later');
    await untilEffect(later);
    expect(await effects(txNo)).toEqual(['once']);
    expect(await deadLetters('tx_no', txNo)).toEqual([]);
  });

  it('makes another event under the same txNo a dead letter', async () => {
    const txNo = randomUUID();
    await send(txNo, 'first');
    await untilEffect(txNo);
    await send(txNo, 'second');
    const letters = await eventually(async () => {
      const found = await deadLetters('tx_no', txNo);
      return found.length > 0 && found;
    });
    expect(letters).toMatchObject([{ reason: 'TX_NO_CONFLICT' }]);
    expect(await effects(txNo)).toEqual(['first']);
  });

  it.each([
    ['no JSON', '{"txNo": '],
    ['no object', '[1]'],
    ['a missing field', '{"txNo":"poison"}'],
    ['a txNo that breaks the rule', '{"txNo":"a b","note":"x"}'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['arrays sixty thousand deep', '['.repeat(60_000)],
  ])('makes poison (%s) a dead letter at once, and its neighbours pass', async (_label, body) => {
    const marker = randomUUID();
    await sendBody(body, marker);
    const neighbour = randomUUID();
    await send(neighbour, 'neighbour');
    await untilEffect(neighbour);
    const [letter] = await eventually(async () => {
      const found = await direct.query<{ reason: string; body: Buffer }[]>(
        'SELECT reason, body FROM dead_letter WHERE properties LIKE ?',
        [`%${marker}%`],
      );
      return found.length > 0 && found;
    });
    expect(letter?.reason).toBe('POISON');
    expect(letter?.body.equals(Buffer.from(body as string))).toBe(true);
  });

  it('retries a failing handler, keeps nothing of its failures, and lets its neighbours pass', async () => {
    const [txNo, neighbour] = [randomUUID(), randomUUID()];
    let failures = 0;
    scripts.set('failing', async () => {
      failures += 1;
      if (failures === 1) throw new Error('not yet');
      // Not counted against the handler: the neighbour may take as long as it takes.
      if ((await effects(neighbour)).length === 0) throw new DatabaseUnavailableError('not yet');
    });
    await send(txNo, 'failing');
    await eventually(() => failures > 0);
    await send(neighbour, 'neighbour');
    await untilEffect(txNo);
    expect(await effects(txNo)).toEqual(['failing']);
    expect(await effects(neighbour)).toEqual(['neighbour']);
  });

  it('makes a message a dead letter when its handler failed on every attempt', async () => {
    const txNo = randomUUID();
    scripts.set('always fails', () => Promise.reject(new Error('the reason')));
    await send(txNo, 'always fails');
    const neighbour = randomUUID();
    await send(neighbour, 'neighbour');
    await untilEffect(neighbour);
    const letters = await eventually(async () => {
      const found = await deadLetters('tx_no', txNo);
      return found.length > 0 && found;
    });
    expect(letters).toMatchObject([{ reason: 'HANDLER_FAILED', detail: 'Error: the reason' }]);
    expect(await effects(txNo)).toEqual([]);
  });

  it('makes a conflict that the handler found a dead letter at once', async () => {
    const txNo = randomUUID();
    scripts.set('conflict', () => Promise.reject(new TxNoConflictError(txNo, 'incoming')));
    await send(txNo, 'conflict');
    const letters = await eventually(async () => {
      const found = await deadLetters('tx_no', txNo);
      return found.length > 0 && found;
    });
    expect(letters).toMatchObject([{ reason: 'TX_NO_CONFLICT' }]);
  });

  it('waits out a database that is away, without counting it against the handler', async () => {
    const txNo = randomUUID();
    // The first failure of the handler itself: were the others counted, it would be one too many.
    let isFirst = true;
    scripts.set('patient', () => {
      const fails = isFirst;
      isFirst = false;
      return fails ? Promise.reject(new Error('once')) : Promise.resolve();
    });
    proxy.down();
    try {
      await send(txNo, 'patient');
      // More failed deliveries than the two attempts that the handler has.
      const isRefused = (): Promise<boolean> => Promise.resolve(proxy.connectionsRefused >= 4);
      await eventually(isRefused);
    } finally {
      proxy.up();
    }
    await eventually(async () => (await effects(txNo)).length > 0);
    expect(isFirst).toBe(false);
    expect(await effects(txNo)).toEqual(['patient']);
    expect(await deadLetters('tx_no', txNo)).toEqual([]);
  });

  it.each(['cut-before', 'cut-after'] as const)(
    'applies it once when the connection is cut at COMMIT (%s)',
    async (fault) => {
      const txNo = randomUUID();
      const cut = proxy.at(/^COMMIT$/, fault);
      await send(txNo, 'cut');
      await cut;
      await untilEffect(txNo);
      const later = randomUUID();
      await send(later, 'later');
      await untilEffect(later);
      expect(await effects(txNo)).toEqual(['cut']);
    },
  );

  it('applies a burst once each, in groups where the form allows', async () => {
    const txNos = Array.from({ length: 200 }, () => randomUUID());
    NoteBatchListener.sizes.length = 0;
    for (let round = 0; round < 2; round++) await Promise.all(txNos.map((txNo) => send(txNo, 'burst')));
    const count = async (): Promise<number> =>
      Number(
        (await direct.query<{ n: string }[]>("SELECT COUNT(*) n FROM effect WHERE note = 'burst'"))[0]?.n,
      );
    await eventually(async () => (await count()) === txNos.length);
    if (topic === batch.topic) expect(Math.max(...NoteBatchListener.sizes)).toBeGreaterThan(1);
    const later = randomUUID();
    await send(later, 'later');
    await untilEffect(later);
    expect(await count()).toBe(txNos.length);
  });
});
