import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { DataSource } from 'typeorm';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { Barrier } from '../barrier/index.js';
import { DatabaseTransactions } from '../database/index.js';
import { DeadLetterReader } from '../dead-letter/dead-letter.reader.js';
import { DeadLetterStore } from '../dead-letter/dead-letter.store.js';
import { Deadline } from '../deadline/index.js';
import { NoFaults } from '../faults/index.js';
import { DurableJobs } from '../jobs/index.js';
import type { JobRuntime } from '../jobs/job.runtime.js';
import { DEFAULT_MESSAGE_LIMITS } from '../limits/index.js';
import { txmsgSql } from './library-script.js';
import { pendingChanges } from './pending-changes.js';
import { readSchemaScript } from './schema-script.js';

const CHINESE = '余额不足';
const EMOJI = '💰';
const KIND = 'note';

describe('the tables in a database whose own character set is latin1', () => {
  let url: string;
  let dataSource: DataSource;

  beforeAll(async () => {
    url = await createLibraryDatabase('latin1', undefined, 'latin1');
    dataSource = await openDataSource(url);
  });
  afterAll(() => dataSource.destroy());

  it('keep a dead letter whose error text and properties it cannot hold', async () => {
    const transactions = new DatabaseTransactions(dataSource);
    const store = new DeadLetterStore(
      transactions,
      new Barrier(),
      new NoFaults(),
      DEFAULT_MESSAGE_LIMITS.bodyBytesMax,
    );
    const stored = store.store({
      consumerGroup: 'a group',
      message: {
        messageId: 'm-1',
        topic: 'a topic',
        keys: [EMOJI],
        body: Buffer.from('{}'),
        properties: { mood: EMOJI },
        bornAtMs: undefined,
      },
      deliveryAttempt: 1,
      reason: 'HANDLER_FAILED',
      detail: `Error: ${CHINESE}`,
    });
    await expect(stored).resolves.toBe('STORED');
    const reader = new DeadLetterReader(transactions);
    const [summary] = await reader.page({}, 1);
    expect(summary).toMatchObject({ detail: `Error: ${CHINESE}` });
    const { message } = (await reader.find(summary?.id ?? '')) ?? {};
    expect(message).toMatchObject({ keys: [EMOJI], properties: { mood: EMOJI } });
  });

  it('keep a job whose input it cannot hold', async () => {
    const transactions = new DatabaseTransactions(dataSource);
    const runtime = { kinds: [KIND], wake: () => undefined } as unknown as JobRuntime;
    const jobs = new DurableJobs(transactions, runtime, new NoFaults(), {
      messageLimits: DEFAULT_MESSAGE_LIMITS,
    });
    const started = transactions.run(
      async ({ entityManager }) => ({
        decision: 'COMMIT',
        value: await jobs.start(entityManager, { kind: KIND, key: 'k-1', input: { note: CHINESE } }),
      }),
      { deadline: Deadline.in(10_000) },
    );
    await expect(started).resolves.toBe('STARTED');
    const rows = await dataSource.query<{ input: string }[]>('SELECT input FROM durable_job');
    expect(rows).toEqual([{ input: JSON.stringify({ note: CHINESE }) }]);
  });

  describe('that a version without a character set of their own has made', () => {
    let old: Connection;
    let fresh: Connection;

    beforeAll(async () => {
      const open = async (databaseUrl: string): Promise<Connection> =>
        createConnection({ uri: databaseUrl, multipleStatements: true });
      [old, fresh] = await Promise.all([
        createLibraryDatabase('latin1_old', undefined, 'latin1').then(open),
        open(url),
      ]);
      for (const { name, statement } of readSchemaScript(txmsgSql()).tables) {
        await old.query(`DROP TABLE ${name}; ${statement.replace(' DEFAULT CHARSET = utf8mb4', '')}`);
      }
    });
    afterAll(() => Promise.all([old.end(), fresh.end()]));

    const pending = async (): Promise<string[]> => {
      const changes = await pendingChanges(
        async (sql) => (await old.query<RowDataPacket[]>(sql))[0],
        readSchemaScript(txmsgSql()),
      );
      return changes.map(({ name }) => name);
    };
    /** Every text whose values are not ours alone; what an ENUM says is ASCII. */
    const texts = async (connection: Connection): Promise<RowDataPacket[]> => {
      const [rows] = await connection.query<RowDataPacket[]>(
        `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, COLLATION_NAME
         FROM information_schema.COLUMNS
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME <> 'effect' AND DATA_TYPE IN ('varchar', 'mediumtext')
         ORDER BY TABLE_NAME, COLUMN_NAME`,
      );
      return rows;
    };

    it('hold every text once the script runs again, as often as it likes', async () => {
      await old.query(
        `INSERT INTO dead_letter (consumer_group, topic, message_id, dedup_key, reason, detail, body)
         VALUES ('g', 't', 'm', REPEAT('k', 32), 'POISON', 'déjà vu', '{}')`,
      );
      expect(await pending()).toEqual([
        'durable_job.utf8mb4',
        'dead_letter.utf8mb4',
        'dead_letter_action.utf8mb4',
      ]);
      for (let run = 1; run <= 2; run += 1) {
        await old.query(txmsgSql());
        expect(await pending()).toEqual([]);
        expect(await texts(old)).toEqual(await texts(fresh));
      }
      const [rows] = await old.query<RowDataPacket[]>('SELECT detail FROM dead_letter');
      expect(rows).toEqual([{ detail: 'déjà vu' }]);
      await old.query('UPDATE dead_letter SET detail = ?, properties = ?', [CHINESE, EMOJI]);
    });
  });
});
