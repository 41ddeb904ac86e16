import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { DeliveredNotes } from '../../test/delivered-notes.js';
import { createTopic, openTransport, startLibraryApplication } from '../../test/library-application.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { firstSentAtMs } from '../broker/index.js';
import { InvalidArgumentError } from '../errors/index.js';
import { LocalMessageOutbox } from './local-message-outbox.js';
import { LocalMessageStore } from './local-message.store.js';
import { eventually } from '../testing/index.js';

const names = await createTopic('outbox', 'NORMAL');

describe('LocalMessageOutbox on real servers', () => {
  let direct: DataSource;
  const applications: INestApplicationContext[] = [];
  let delivered: DeliveredNotes;

  const outbox = (index = 0): LocalMessageOutbox => {
    const application = applications[index];
    if (application === undefined) throw new Error('no such application');
    return application.get(LocalMessageOutbox);
  };
  const publish = (txNo: string, index = 0): Promise<void> =>
    direct.transaction((manager) => outbox(index).publish(manager, names.topic, { txNo }, { txNo }));
  const states = async (txNo: string): Promise<string[]> =>
    (await direct.query<{ state: string }[]>('SELECT state FROM local_message WHERE tx_no = ?', [txNo])).map(
      ({ state }) => state,
    );
  const untilPublished = (txNo: string): Promise<unknown> =>
    eventually(async () => (await states(txNo)).join() === 'PUBLISHED');
  const times = (txNo: string): number => delivered.messagesWith(txNo);

  beforeAll(async () => {
    const url = await createLibraryDatabase('outbox');
    direct = await openDataSource(url);
    for (let instance = 0; instance < 2; instance++) {
      applications.push(
        await startLibraryApplication({
          databaseUrl: url,
          listeners: [],
          options: { outbox: { topics: [names.topic] } },
        }),
      );
    }
    const transport = await openTransport();
    delivered = await DeliveredNotes.start(transport, names.topic, names.consumerGroup);
  });

  afterAll(async () => {
    await delivered.close();
    for (const application of applications) await application.close();
    await direct.destroy();
  });

  it('publishes after COMMIT, and marks the row', async () => {
    const txNo = randomUUID();
    await publish(txNo);
    await eventually(() => times(txNo) === 1);
    await untilPublished(txNo);
  });

  it('publishes nothing of a transaction that was rolled back', async () => {
    const txNo = randomUUID();
    const failing = direct.transaction(async (manager) => {
      await outbox().publish(manager, names.topic, { txNo }, { txNo });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    const later = randomUUID();
    await publish(later);
    await eventually(() => times(later) === 1);
    expect(await states(txNo)).toEqual([]);
    expect(times(txNo)).toBe(0);
  });

  it('refuses an EntityManager without a transaction, and topics that nobody declared', async () => {
    const txNo = randomUUID();
    await expect(outbox().publish(direct.manager, names.topic, { txNo }, { txNo })).rejects.toBeInstanceOf(
      InvalidArgumentError,
    );
    await expect(
      direct.transaction((manager) => outbox().publish(manager, 'undeclared', { txNo }, { txNo })),
    ).rejects.toThrow(/undeclared/);
    expect(await states(txNo)).toEqual([]);
  });

  it('refuses a payload that JSON cannot hold', async () => {
    const txNo = randomUUID();
    const payload = { txNo, lines: new Set(['a']) };
    const publishing = direct.transaction((manager) =>
      outbox().publish(manager, names.topic, payload, { txNo }),
    );
    await expect(publishing).rejects.toMatchObject({
      name: 'ContentsNotJsonError',
      path: '.lines',
      kind: 'Set',
    });
    expect(await states(txNo)).toEqual([]);
  });

  it('lets two relays share the work: each message goes out once while nothing fails', async () => {
    const txNos = Array.from({ length: 200 }, () => randomUUID());
    // Called for each publication that failed, as one may on a busy machine; its message may go out again.
    const postponed = jest.spyOn(LocalMessageStore.prototype, 'postpone');
    try {
      await Promise.all(txNos.map((txNo, index) => publish(txNo, index % 2)));
      await eventually(() => txNos.every((txNo) => times(txNo) > 0));
      const failed = new Set(postponed.mock.calls.map(([{ txNo }]) => txNo));
      expect(failed.size).toBeLessThan(txNos.length);
      expect(txNos.filter((txNo) => times(txNo) !== 1 && !failed.has(txNo))).toEqual([]);
    } finally {
      postponed.mockRestore();
    }
  });

  it('takes over the rows of a relay that crashed with them', async () => {
    const txNo = randomUUID();
    await direct.query(
      `INSERT INTO local_message (topic, tx_no, body, attempts, lease_owner, lease_until, next_attempt_at)
       VALUES (?, ?, '{}', 1, 'dead', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 1 SECOND)`,
      [names.topic, txNo],
    );
    await eventually(() => times(txNo) === 1);
  });

  it('publishes again what a broker lost with its store', async () => {
    const since = new Date(Date.now() - 1000);
    const txNo = randomUUID();
    await publish(txNo);
    await untilPublished(txNo);
    expect(await outbox().republishSince(since)).toBeGreaterThanOrEqual(1);
    await eventually(() => times(txNo) === 2);
    // Its age counts from its transaction: since then it may have been sent, and by now the consumer's barrier row may be deleted.
    const [row] = await direct.query<{ at: string }[]>(
      'SELECT ROUND(1000 * UNIX_TIMESTAMP(create_time)) AS at FROM local_message WHERE tx_no = ?',
      [txNo],
    );
    const sent = delivered.headsWith(txNo).map((head) => firstSentAtMs({ ...head, bornAtMs: undefined }));
    expect(sent).toEqual([undefined, Number(row?.at)]);
  });

  it('takes as many messages at once as a transaction has', async () => {
    const messages = Array.from({ length: 70 }, () => randomUUID()).map((txNo) => ({
      txNo,
      payload: { txNo },
    }));
    await direct.transaction((manager) => outbox().publishAll(manager, names.topic, messages));
    await eventually(() => messages.every(({ txNo }) => times(txNo) === 1));
  });

  it('makes few prepared statements, whatever numbers of messages it takes at once', async () => {
    const prepares = async (manager: EntityManager): Promise<number> => {
      const [row] = await manager.query<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'");
      return Number(row?.Value);
    };
    const own = applications[0]?.get(DataSource);
    await own?.transaction(async (manager) => {
      const before = await prepares(manager);
      for (let count = 33; count <= 96; count++) {
        const messages = Array.from({ length: count }, () => ({ txNo: randomUUID(), payload: { count } }));
        await outbox().publishAll(manager, names.topic, messages);
      }
      const made = (await prepares(manager)) - before;
      expect(made).toBeGreaterThan(0);
      expect(made).toBeLessThanOrEqual(33);
      await manager.query('DELETE FROM local_message WHERE body LIKE \'{"count":%\'');
    });
  });

  it('publishes nothing again that consumers may have forgotten, and each message once per call', async () => {
    const [old, young] = [randomUUID(), randomUUID()];
    const insert = `INSERT INTO local_message (topic, tx_no, body, state, published_time)
      VALUES (?, ?, '{}', 'PUBLISHED', UTC_TIMESTAMP(3) - INTERVAL ? HOUR)`;
    await direct.query(insert, [names.topic, old, 7 * 24 + 1]);
    await direct.query(insert, [names.topic, young, 7 * 24 - 1]);
    const since = new Date(Date.now() - 30 * 86_400_000);
    for (const round of [1, 2]) {
      await outbox().republishSince(since);
      await eventually(() => times(young) === round);
      await untilPublished(young);
    }
    const [row] = await direct.query<{ hours: number }[]>(
      'SELECT TIMESTAMPDIFF(HOUR, published_time, UTC_TIMESTAMP(3)) AS hours FROM local_message WHERE tx_no = ?',
      [young],
    );
    expect(Number(row?.hours)).toBe(7 * 24 - 1);
    expect(times(old)).toBe(0);
  });
});
