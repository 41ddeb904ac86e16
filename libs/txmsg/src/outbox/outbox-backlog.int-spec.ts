import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource, EntityManager } from 'typeorm';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { DatabaseTransactions } from '../database/index.js';
import { LocalMessageStore } from './local-message.store.js';

const ROWS = 20_000;
const BATCH = 10;
const RETENTION_MS = 7 * 86_400_000;

interface ClaimQuery {
  readonly sql: string;
  readonly parameters: unknown[];
}

describe('claiming from an outbox with a long backlog', () => {
  let direct: DataSource;
  let store: LocalMessageStore;
  /** The queries of the last claim, and how many rows they read. */
  let queries: ClaimQuery[];
  let rowsRead: number;

  const fill = (topic: string, rows: number): Promise<unknown> =>
    direct.query(
      `INSERT INTO local_message (topic, tx_no, body, next_attempt_at)
       SELECT ?, CONCAT(?, '-', a.n + 1000 * b.n), '{}', UTC_TIMESTAMP(3) - INTERVAL (a.n + 1000 * b.n) SECOND
       FROM JSON_TABLE(?, '$[*]' COLUMNS (n FOR ORDINALITY)) AS a
       JOIN JSON_TABLE(?, '$[*]' COLUMNS (n FOR ORDINALITY)) AS b`,
      [topic, topic, numbers(Math.min(rows, 1000)), numbers(Math.max(rows / 1000, 1))],
    );
  const explain = async ({ sql, parameters }: ClaimQuery): Promise<object | undefined> => {
    const [plan] = await direct.query<object[]>(`EXPLAIN ${sql}`, parameters);
    return plan;
  };

  beforeAll(async () => {
    direct = await openDataSource(await createLibraryDatabase('backlog'));
    const transactions = new DatabaseTransactions(direct);
    const observed: Pick<DatabaseTransactions, 'run' | 'autocommit'> = {
      autocommit: (timeoutMs, work) => transactions.autocommit(timeoutMs, work),
      run: (work, options) =>
        transactions.run(async (scope) => {
          queries = [];
          const entityManager = recording(scope.entityManager, queries);
          const before = await handlerReads(scope.entityManager);
          const decision = await work({ ...scope, entityManager });
          rowsRead = (await handlerReads(scope.entityManager)) - before;
          return decision;
        }, options),
    };
    store = new LocalMessageStore(observed, RETENTION_MS);
  });
  afterAll(() => direct.destroy());
  beforeEach(async () => {
    await direct.query('TRUNCATE TABLE local_message');
  });

  it('reads nothing of a topic that cannot be published now', async () => {
    await fill('t_away', ROWS);
    await fill('t_ready', 3);
    await direct.query('ANALYZE TABLE local_message');
    await expect(store.claim(['t_ready'], BATCH)).resolves.toHaveLength(3);
    // To find three rows and the end of them, and to write them.
    expect(rowsRead).toBeLessThan(50);
    await expect(store.claim(['t_ready'], BATCH)).resolves.toEqual([]);
    expect(rowsRead).toBeLessThan(10);
  });

  it('reads no more of its own topics than it claims', async () => {
    await fill('t_one', ROWS);
    await fill('t_two', ROWS);
    await direct.query('ANALYZE TABLE local_message');
    await expect(store.claim(['t_one', 't_two'], BATCH)).resolves.toHaveLength(BATCH);
    expect(rowsRead).toBeLessThan(100);
  });

  it.each([
    ['with a long backlog', ROWS],
    ['in a table that MySQL takes for small', 3],
  ])('is planned by index, in the order of due time, %s', async (_, rows) => {
    await fill('t_away', rows);
    await fill('t_ready', 3);
    await direct.query('ANALYZE TABLE local_message');
    await store.claim(['t_ready', 't_other'], BATCH);
    const [first, second] = queries;
    expect(queries).toHaveLength(3); // one for each topic, and the one that writes
    for (const query of [first, second]) {
      const plan = await explain(query ?? { sql: '', parameters: [] });
      expect(plan).toMatchObject({ key: 'state_topic_next_attempt_at' });
      expect(plan).not.toMatchObject({ Extra: expect.stringContaining('filesort') as unknown });
    }
  });

  it('takes the topics in turn, so that one with a long backlog holds up no other', async () => {
    await fill('t_long', 1000);
    await fill('t_short', 1);
    const topics = [];
    for (let claims = 0; claims < 2; claims += 1) {
      topics.push(...(await store.claim(['t_long', 't_short'], BATCH)).map(({ topic }) => topic));
    }
    expect(topics).toContain('t_short');
  });
});

function numbers(count: number): string {
  return JSON.stringify(Array.from({ length: count }, () => 0));
}

function recording(entityManager: EntityManager, queries: ClaimQuery[]): EntityManager {
  return Object.create(entityManager, {
    query: {
      value: (sql: string, parameters: unknown[]) => {
        queries.push({ sql, parameters });
        return entityManager.query(sql, parameters);
      },
    },
  }) as EntityManager;
}

async function handlerReads(entityManager: EntityManager): Promise<number> {
  const rows = await entityManager.query<{ Value: string }[]>("SHOW SESSION STATUS LIKE 'Handler_read%'");
  return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
}
