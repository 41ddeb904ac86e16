import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource, EntityManager } from 'typeorm';
import { hostileDataSource } from '../../test/hostile-data-source.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { Barrier } from '../barrier/index.js';
import type { IncomingMessage } from '../broker/index.js';
import { DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { NoFaults } from '../faults/index.js';
import { DurableJobs } from '../jobs/durable-jobs.js';
import type { JobRuntime } from '../jobs/job.runtime.js';
import { JobStep } from '../jobs/job.step.js';
import { JobStore, type ClaimedJob } from '../jobs/job.store.js';
import { DEFAULT_MESSAGE_LIMITS } from '../limits/index.js';
import { LocalMessageStore } from '../outbox/index.js';
import { DeadLetterReader } from './dead-letter.reader.js';
import { DeadLetterStore, type NewDeadLetter } from './dead-letter.store.js';

const BODY_BYTES_MAX = DEFAULT_MESSAGE_LIMITS.bodyBytesMax;
const NO_BACKSLASHES = "'STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES'";
/** Where a backslash escapes nothing, the first quote ends the text, and the rest is SQL. */
const FORGED = `', 1, 'OPEN', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)),
  ('forged', 't', NULL, 'm', REPEAT('x', 32), NULL, 'POISON', 'd', 'b', '{}', 1, 'OPEN', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)) -- `;

const setMode = (manager: EntityManager): Promise<unknown> =>
  manager.query(`SET SESSION sql_mode = ${NO_BACKSLASHES}`);

describe('what strangers send, where a backslash escapes nothing', () => {
  let url: string;
  let direct: DataSource;
  let dataSource: DataSource;

  beforeAll(async () => {
    url = await createLibraryDatabase('foreign_values');
    direct = await openDataSource(url);
    dataSource = await hostileDataSource(url, { sql_mode: NO_BACKSLASHES });
  });
  afterAll(async () => {
    await dataSource.destroy();
    await direct.destroy();
  });

  const letter = (
    messageId: string,
    value: string,
    onDeadLetter?: NewDeadLetter['onDeadLetter'],
  ): NewDeadLetter => ({
    consumerGroup: 'a group',
    message: {
      messageId,
      topic: 'a topic',
      keys: [value],
      body: Buffer.from(value),
      properties: { p: value },
      bornAtMs: undefined,
    } satisfies IncomingMessage,
    deliveryAttempt: 1,
    reason: 'POISON',
    detail: value,
    onDeadLetter,
  });

  it.each([
    ['the server', 'by-server', undefined],
    [
      'a handler',
      'by-handler',
      async (_reason: unknown, manager: EntityManager): Promise<'STORE'> => {
        await setMode(manager);
        return 'STORE';
      },
    ],
  ])('becomes a dead letter as it is, when %s has set sql_mode', async (_who, id, onDeadLetter) => {
    const transactions = new DatabaseTransactions(dataSource);
    const store = new DeadLetterStore(transactions, new Barrier(), new NoFaults(), BODY_BYTES_MAX);
    const values = { [`${id}-quote`]: "it's", [`${id}-backslash`]: 'a\\', [`${id}-forged`]: FORGED };
    for (const [messageId, value] of Object.entries(values)) {
      await expect(store.store(letter(messageId, value, onDeadLetter))).resolves.toBe('STORED');
    }
    expect(
      await direct.query<unknown[]>("SELECT 1 FROM dead_letter WHERE consumer_group = 'forged'"),
    ).toEqual([]);
    const reader = new DeadLetterReader(new DatabaseTransactions(direct));
    for (const summary of await reader.page({}, 100)) {
      const value = values[summary.messageId];
      if (value === undefined) continue;
      expect(summary.detail).toBe(value);
      const message = (await reader.find(summary.id))?.message;
      expect(message).toMatchObject({ keys: [value], properties: { p: value } });
      expect(message?.body.toString()).toBe(value);
    }
  });

  it('becomes a dead letter of its own when another unreadable message has its id', async () => {
    const store = new DeadLetterStore(
      new DatabaseTransactions(dataSource),
      new Barrier(),
      new NoFaults(),
      BODY_BYTES_MAX,
    );
    for (const value of ['first', 'second', 'first']) await store.store(letter('', value));
    const rows = await direct.query<{ body: Buffer }[]>(
      "SELECT body FROM dead_letter WHERE message_id = '' ORDER BY id",
    );
    expect(rows.map(({ body }) => body.toString())).toEqual(['first', 'second']);
  });

  it('waits in the outbox as it is, when a handler has set sql_mode', async () => {
    const transactions = new DatabaseTransactions(dataSource);
    const store = new LocalMessageStore(transactions, 1000);
    const deadline = { deadline: Deadline.in(10_000) };
    await transactions.run(async ({ entityManager }) => {
      await setMode(entityManager);
      const body = Buffer.from(`{"reason":"it's ${FORGED}"}`);
      await store.insertAll(entityManager, 'a topic', [{ txNo: 'a-tx-no', body }]);
      return { decision: 'COMMIT', value: undefined };
    }, deadline);
    const rows = await direct.query<{ body: Buffer }[]>('SELECT body FROM local_message');
    expect(rows.map(({ body }) => body.toString())).toEqual([`{"reason":"it's ${FORGED}"}`]);
  });

  it('is what a durable job is given, stores and fails with, as it is, when a handler has set sql_mode', async () => {
    const [kind, key, value] = ['a kind', 'a-key', { reason: `it's ${FORGED}` }];
    const text = JSON.stringify(value);
    const transactions = new DatabaseTransactions(dataSource);
    const settings = { handlerTimeoutMs: 10_000, messageLimits: DEFAULT_MESSAGE_LIMITS };
    const runtime = { kinds: [kind], wake: () => undefined } as unknown as JobRuntime;
    const store = new JobStore(transactions);
    const claim = async (): Promise<ClaimedJob> => {
      const [claimed] = await store.claim(kind, 1);
      if (claimed === undefined) throw new Error('the job is not due');
      return claimed;
    };
    const stored = async (column: string): Promise<unknown> =>
      (await direct.query<{ value: unknown }[]>(`SELECT ${column} AS value FROM durable_job`))[0]?.value;

    await transactions.run(
      async ({ entityManager }) => {
        await setMode(entityManager);
        const jobs = new DurableJobs(transactions, runtime, new NoFaults(), settings);
        await jobs.start(entityManager, { kind, key, input: value });
        return { decision: 'COMMIT', value: undefined };
      },
      { deadline: Deadline.in(10_000) },
    );
    expect(await stored('input')).toBe(text);

    const first = await claim();
    const step = async (_job: unknown, manager: EntityManager): Promise<{ next: object }> => {
      await setMode(manager);
      return { next: value };
    };
    const made = new JobStep(store, transactions, new NoFaults(), settings).make(
      first,
      { step },
      new AbortController().signal,
    );
    await expect(made).resolves.toBe('NEXT');
    expect(await stored('step_cursor')).toBe(text);

    await store.giveBack(first, 0, FORGED);
    expect(await stored('error')).toBe(FORGED);
    await expect(store.fail(await claim(), `${FORGED}'`, 5)).resolves.toEqual({
      state: 'PENDING',
      failures: 1,
    });
    expect(await stored('error')).toBe(`${FORGED}'`);
  });

  it('costs one round trip more when a connection first sends it, and none after that', async () => {
    const one = await openDataSource(url, 1);
    try {
      const store = new LocalMessageStore(new DatabaseTransactions(one), 1000);
      const prepared = async (): Promise<string | undefined> =>
        (await one.query<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'"))[0]?.Value;
      for (const txNo of ['p-1', 'p-2', 'p-3']) {
        await new DatabaseTransactions(one).run(
          async ({ entityManager }) => {
            await store.insertAll(entityManager, 'a topic', [{ txNo, body: Buffer.from('{}') }]);
            return { decision: 'COMMIT', value: undefined };
          },
          { deadline: Deadline.in(10_000) },
        );
      }
      expect(await prepared()).toBe('1');
    } finally {
      await one.destroy();
    }
  });
});
