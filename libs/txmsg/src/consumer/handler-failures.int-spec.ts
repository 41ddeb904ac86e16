import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { IsArray, IsString } from 'class-validator';
import type { DataSource, EntityManager } from 'typeorm';
import { startLibraryApplication } from '../../test/library-application.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { firstSentProperty, type IncomingMessage, type OutgoingMessage } from '../broker/index.js';
import {
  BrokerNotReadyError,
  HalfMessageNotSentError,
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
const LINES_TOPIC = 't_handler_failures_lines';
const LINES_BATCH_TOPIC = 't_handler_failures_lines_batch';

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

class LinesEvent extends NoteEvent {
  @IsArray()
  lines!: string[];
}

/** Modifies what it is given, as code does that does not expect to be called again. */
async function consume(event: LinesEvent, entityManager: EntityManager): Promise<void> {
  for (let line = event.lines.shift(); line !== undefined; line = event.lines.shift()) {
    await entityManager.query('INSERT INTO effect (tx_no, note) VALUES (?, ?)', [event.txNo, line]);
  }
  await scripts.get(event.txNo)?.();
}

@MessageListener({ topic: LINES_TOPIC, consumerGroup: 'c_lines', payload: LinesEvent, attemptsMax: 2 })
class LinesListener implements MessageHandler<LinesEvent> {
  async onMessage(event: LinesEvent, entityManager: EntityManager, message: IncomingMessage): Promise<void> {
    message.body.fill(0);
    (message.keys as string[]).length = 0;
    (message.properties as Record<string, string>).p = 'changed';
    await consume(event, entityManager);
  }

  async onDeadLetter(
    { txNo, lines }: LinesEvent,
    _reason: unknown,
    manager: EntityManager,
  ): Promise<'STORE'> {
    await manager.query('INSERT INTO effect (tx_no, note) VALUES (?, ?)', [txNo, lines.join()]);
    await scripts.get(`hook ${txNo}`)?.();
    return 'STORE';
  }
}

@MessageListener({ topic: LINES_BATCH_TOPIC, consumerGroup: 'c_lines_batch', payload: LinesEvent })
class LinesBatchListener implements BatchMessageHandler<LinesEvent> {
  async onMessages(items: MessageItem<LinesEvent>[], entityManager: EntityManager): Promise<void> {
    batches.push(items.map(({ txNo }) => txNo));
    for (let item = items.shift(); item !== undefined; item = items.shift()) {
      await consume(item.payload, entityManager);
    }
  }
}

/** Real MySQL; a broker in memory, because it hands out together what was sent together. */
describe('a failure of the handler', () => {
  const broker = new InMemoryBroker();
  const single = broker.createProducer(TOPIC);
  const batched = broker.createProducer(BATCH_TOPIC);
  const lines = broker.createProducer(LINES_TOPIC);
  const linesBatched = broker.createProducer(LINES_BATCH_TOPIC);
  const producers = new Map([
    [TOPIC, single],
    [BATCH_TOPIC, batched],
    [LINES_TOPIC, lines],
    [LINES_BATCH_TOPIC, linesBatched],
  ]);
  let direct: DataSource;
  let proxy: MysqlProxy;
  let application: INestApplicationContext;

  /** Visible to consumers at once and together. */
  const sendAll = (topic: string, txNos: readonly string[]): Promise<unknown> => {
    const message = (txNo: string): OutgoingMessage => ({
      topic,
      key: txNo,
      body: Buffer.from(JSON.stringify({ txNo, lines: ['a', 'b'] })),
      properties: { p: 'as sent' },
    });
    const producer = producers.get(topic) ?? single;
    return Promise.all(txNos.map((txNo) => producer.send(message(txNo), 1000)));
  };
  const effects = async (txNo: string): Promise<number> =>
    (await direct.query<unknown[]>('SELECT 1 FROM effect WHERE tx_no = ?', [txNo])).length;
  const deadLetters = (txNo: string): Promise<{ reason: string; detail: string }[]> =>
    direct.query('SELECT reason, detail FROM dead_letter WHERE tx_no = ?', [txNo]);

  const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const url = await createLibraryDatabase('handler_failures');
    direct = await openDataSource(url);
    proxy = await MysqlProxy.start(url);
    application = await startLibraryApplication({
      databaseUrl: proxy.url,
      listeners: [NoteListener, NoteBatchListener, LinesListener, LinesBatchListener],
      // No statement of anything but the messages passes by the proxy.
      options: { handlerTimeoutMs: 8000, retentionIntervalMs: 0 },
      transport: broker,
    });
    for (const producer of producers.values()) producer.start();
  });
  afterAll(async () => {
    await Promise.all([...producers.values()].map((producer) => producer.close(1000)));
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
  afterEach(() => {
    proxy.up();
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
    await eventually(async () => (await effects(txNo)) === 1);
    expect(await deadLetters(txNo)).toEqual([]);
  });

  it('is not what a broker is that is away when the handler sends, even where one is too many', async () => {
    const txNo = randomUUID();
    let isAway = true;
    scripts.set(txNo, () =>
      isAway
        ? Promise.reject(
            new HalfMessageNotSentError('t', txNo, { cause: new BrokerNotReadyError('send', 't') }),
          )
        : Promise.resolve(),
    );
    await sendAll(TOPIC, [txNo]);
    await eventually(() => warned.mock.calls.some((call) => JSON.stringify(call).includes(txNo)));
    isAway = false;
    await eventually(async () => (await effects(txNo)) === 1);
    expect(await deadLetters(txNo)).toEqual([]);
  });

  it('is what the message itself is when it was sent for the first time too long ago', async () => {
    const txNo = randomUUID();
    const eightDaysAgo = Date.now() - 8 * 86_400_000;
    await single.send(
      {
        topic: TOPIC,
        key: txNo,
        body: Buffer.from(JSON.stringify({ txNo })),
        properties: { ...firstSentProperty(eightDaysAgo) },
      },
      1000,
    );
    await eventually(async () => (await deadLetters(txNo)).length === 1);
    expect(await deadLetters(txNo)).toMatchObject([{ reason: 'EXPIRED' }]);
    expect(await effects(txNo)).toBe(0);
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
    await eventually(async () => (await deadLetters(bad)).length === 1);
    expect(batches).toEqual([[before, bad, after], [before, bad, after], [bad], [after], [before], [bad]]);
    expect(neighboursDone.at(-1)).toBe(2);
    expect([await effects(before), await effects(bad), await effects(after)]).toEqual([1, 0, 1]);
    expect(await deadLetters(bad)).toMatchObject([{ reason: 'HANDLER_FAILED', detail: 'Error: always' }]);
    expect([...(await deadLetters(before)), ...(await deadLetters(after))]).toEqual([]);
  });

  describe('when the handler takes apart what it is given', () => {
    const notes = async (txNo: string): Promise<string[]> =>
      (
        await direct.query<{ note: string }[]>('SELECT note FROM effect WHERE tx_no = ? ORDER BY id', [txNo])
      ).map(({ note }) => note);
    const untilNotes = (txNo: string): Promise<unknown> =>
      eventually(async () => (await notes(txNo)).length > 0);
    const deadlock = Object.assign(new Error('Deadlock found'), { errno: 1213 });

    it.each([1, 2])(
      'a batch that failed (%s ×) is tried again with the contents that were sent',
      async (failures) => {
        const txNos = ['a', 'b'].map((name) => `${name}-${randomUUID()}`) as [string, string];
        let left = failures;
        scripts.set(txNos[1], () => (left-- > 0 ? Promise.reject(deadlock) : Promise.resolve()));
        await sendAll(LINES_BATCH_TOPIC, txNos);
        for (const txNo of txNos) await untilNotes(txNo);
        for (const txNo of txNos) expect(await notes(txNo)).toEqual(['a', 'b']);
        // More where a machine is so busy that a try met its deadline.
        expect(batches.slice(0, 2)).toEqual([txNos, txNos]);
        expect(batches.length).toBeGreaterThanOrEqual(failures === 1 ? 2 : 4);
      },
    );

    it('a dead letter keeps, and its hook gets, the contents that were sent', async () => {
      const txNo = randomUUID();
      scripts.set(txNo, () => Promise.reject(new Error('always')));
      await sendAll(LINES_TOPIC, [txNo]);
      await eventually(async () => (await deadLetters(txNo)).length === 1);
      expect(await notes(txNo)).toEqual(['a,b']);
      const [letter] = await direct.query<{ body: Buffer; properties: string }[]>(
        'SELECT body, properties FROM dead_letter WHERE tx_no = ?',
        [txNo],
      );
      expect(JSON.parse(letter?.body.toString() ?? '')).toEqual({ txNo, lines: ['a', 'b'] });
      expect(JSON.parse(letter?.properties ?? '')).toMatchObject({
        keys: [txNo],
        properties: { p: 'as sent' },
      });
    });
  });

  describe('when the tables are not as the statements expect them, as in the middle of a migration', () => {
    /** Warnings that the message comes again. */
    const retries = (txNo: string): number =>
      warned.mock.calls.filter(([entry]) => {
        const { txNo: about, message } = entry as { txNo?: string; message?: string };
        return about === txNo && message?.includes('schema failure');
      }).length;

    it.each([
      ['a table of the service', 'RENAME TABLE effect TO effect_away', 'RENAME TABLE effect_away TO effect'],
      ['the barrier', 'RENAME TABLE de_duplication TO away', 'RENAME TABLE away TO de_duplication'],
      [
        'a column',
        'ALTER TABLE effect RENAME COLUMN note TO note_away',
        'ALTER TABLE effect RENAME COLUMN note_away TO note',
      ],
    ])(
      '%s that is away makes no dead letter, even where one failure is too many',
      async (_label, away, back) => {
        const txNo = randomUUID();
        await direct.query(away);
        try {
          await sendAll(TOPIC, [txNo]);
          await eventually(async () => retries(txNo) >= 2 || (await deadLetters(txNo)).length > 0);
          expect(await deadLetters(txNo)).toEqual([]);
        } finally {
          await direct.query(back);
        }
        await eventually(async () => (await effects(txNo)) === 1);
        expect(await deadLetters(txNo)).toEqual([]);
      },
    );

    it('a dead letter waits until its own table is back', async () => {
      const txNo = randomUUID();
      scripts.set(txNo, () => Promise.reject(new Error('always')));
      await direct.query('RENAME TABLE dead_letter TO away');
      try {
        await sendAll(TOPIC, [txNo]);
        await eventually(() => retries(txNo) >= 2);
      } finally {
        await direct.query('RENAME TABLE away TO dead_letter');
      }
      await eventually(async () => (await deadLetters(txNo)).length === 1);
    });
  });

  describe('when onDeadLetter fails', () => {
    const notes = (txNo: string): Promise<unknown[]> =>
      direct.query('SELECT note FROM effect WHERE tx_no = ?', [txNo]);
    const hook = async (end: () => Promise<void>): Promise<{ txNo: string; calls: () => number }> => {
      const txNo = randomUUID();
      let calls = 0;
      scripts.set(txNo, () => Promise.reject(new Error('always')));
      scripts.set(`hook ${txNo}`, () => {
        calls += 1;
        return end();
      });
      await sendAll(LINES_TOPIC, [txNo]);
      return { txNo, calls: () => calls };
    };

    it('each time: after its attempts the dead letter is stored without it, and says so', async () => {
      const { txNo, calls } = await hook(() => Promise.reject(new Error('no sender')));
      await eventually(async () => (await deadLetters(txNo)).length === 1);
      expect(calls()).toBe(2);
      expect(await notes(txNo)).toEqual([]);
      expect(await deadLetters(txNo)).toMatchObject([
        { reason: 'HANDLER_FAILED', detail: expect.stringMatching(/^Error: always .*Error: no sender/) },
      ]);
    });

    it('once: it is called again, and nothing of it is missing', async () => {
      let isFirst = true;
      const { txNo, calls } = await hook(() => {
        const fails = isFirst;
        isFirst = false;
        return fails ? Promise.reject(new Error('once')) : Promise.resolve();
      });
      await eventually(async () => (await deadLetters(txNo)).length === 1);
      expect(calls()).toBe(2);
      expect(await notes(txNo)).toEqual([{ note: 'a,b' }]);
      expect(await deadLetters(txNo)).toMatchObject([{ detail: 'Error: always' }]);
    });

    it('because a table of it is away: it is called until that is back, more often than its attempts', async () => {
      const { txNo, calls } = await hook(async () => {
        await direct.query('INSERT INTO hook_away VALUES (1)');
      });
      try {
        await eventually(() => calls() > 2);
        expect(await deadLetters(txNo)).toEqual([]);
      } finally {
        await direct.query('CREATE TABLE hook_away (id INT PRIMARY KEY)');
      }
      await eventually(async () => (await deadLetters(txNo)).length === 1);
      expect(await notes(txNo)).toEqual([{ note: 'a,b' }]);
      expect(await deadLetters(txNo)).toMatchObject([{ detail: 'Error: always' }]);
    });
  });
});
