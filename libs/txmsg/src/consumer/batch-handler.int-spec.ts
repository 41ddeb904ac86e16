import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { IsString } from 'class-validator';
import type { DataSource, EntityManager } from 'typeorm';
import { startLibraryApplication } from '../../test/library-application.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import {
  ignore,
  MessageListener,
  type BatchMessageHandler,
  type Ignored,
  type MessageItem,
} from '../index.js';
import { eventually, InMemoryBroker } from '../testing/index.js';

const TOPIC = 't_batch_handler';
const GROUP = 'c_batch_handler';

class NoteEvent {
  @IsString()
  txNo!: string;
}

@MessageListener({ topic: TOPIC, consumerGroup: GROUP, payload: NoteEvent, concurrency: 1 })
class NoteListener implements BatchMessageHandler<NoteEvent> {
  static readonly ignored = new Set<string>();
  static calls: string[][] = [];

  async onMessages(
    items: readonly MessageItem<NoteEvent>[],
    entityManager: EntityManager,
  ): Promise<(Ignored | undefined)[]> {
    NoteListener.calls.push(items.map(({ txNo }) => txNo));
    const answers: (Ignored | undefined)[] = [];
    for (const { txNo } of items) {
      const isOurs = !NoteListener.ignored.has(txNo);
      answers.push(isOurs ? undefined : ignore('not ours'));
      if (isOurs) await entityManager.query("INSERT INTO effect (tx_no, note) VALUES (?, '')", [txNo]);
    }
    return answers;
  }
}

/** Real MySQL; a broker in memory, because it hands out together what was sent together. */
describe('a handler in the batch form that ignores', () => {
  const broker = new InMemoryBroker();
  const producer = broker.createProducer(TOPIC);
  let direct: DataSource;
  let application: INestApplicationContext;

  const deliver = async (...txNos: readonly string[]): Promise<void> => {
    const body = (txNo: string): Buffer => Buffer.from(JSON.stringify({ txNo }));
    await Promise.all(
      txNos.map((txNo) => producer.send({ topic: TOPIC, key: txNo, body: body(txNo), properties: {} }, 1000)),
    );
    await eventually(() => broker.isIdle(TOPIC, GROUP));
  };
  const txNosIn = async (table: 'effect' | 'de_duplication' | 'dead_letter'): Promise<string[]> =>
    (await direct.query<{ tx_no: string }[]>(`SELECT tx_no FROM ${table} ORDER BY tx_no`)).map(
      ({ tx_no }) => tx_no,
    );

  beforeAll(async () => {
    const url = await createLibraryDatabase('batch_handler');
    direct = await openDataSource(url);
    application = await startLibraryApplication({
      databaseUrl: url,
      listeners: [NoteListener],
      transport: broker,
    });
    producer.start();
  });
  afterAll(async () => {
    await producer.close(1000);
    await application.close();
    await direct.destroy();
    broker.close();
  });
  beforeEach(async () => {
    NoteListener.ignored.clear();
    NoteListener.calls = [];
    for (const table of ['effect', 'de_duplication', 'dead_letter'])
      await direct.query(`DELETE FROM ${table}`);
  });

  it('one of several leaves no barrier row of that one, so that a genuine message with its txNo is handled', async () => {
    NoteListener.ignored.add('b');
    await deliver('a', 'b', 'c');
    expect(NoteListener.calls).toEqual([['a', 'b', 'c']]);
    expect(await txNosIn('effect')).toEqual(['a', 'c']);
    expect(await txNosIn('de_duplication')).toEqual(['a', 'c']);

    NoteListener.ignored.clear();
    await deliver('a', 'b', 'c');
    expect(NoteListener.calls.slice(1)).toEqual([['b']]);
    expect(await txNosIn('effect')).toEqual(['a', 'b', 'c']);
    expect(await txNosIn('de_duplication')).toEqual(['a', 'b', 'c']);
    expect(await txNosIn('dead_letter')).toEqual([]);
  });

  it('all of them leaves no barrier row', async () => {
    for (const txNo of ['a', 'b']) NoteListener.ignored.add(txNo);
    await deliver('a', 'b');
    expect(NoteListener.calls).toEqual([['a', 'b']]);
    expect([...(await txNosIn('effect')), ...(await txNosIn('de_duplication'))]).toEqual([]);
  });
});
