import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource, EntityManager } from 'typeorm';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { Deadline } from '../deadline/index.js';
import { DatabaseTransactions } from './database-transactions.js';
import { hostileDataSource } from '../../test/hostile-data-source.js';

const soon = (): { deadline: Deadline } => ({ deadline: Deadline.in(10_000) });

/** What a server's defaults may be, and what goes wrong then in a session that takes them over. */
const HOSTILE: readonly [
  name: string,
  value: string,
  harm: string,
  work: (manager: EntityManager) => Promise<unknown>,
  right: unknown,
][] = [
  [
    'sql_mode',
    "''",
    'a value that does not fit is cut, and the statement succeeds',
    (manager) => manager.query("INSERT INTO amounts VALUES (1, '123456.78')").catch(errno),
    1264,
  ],
  [
    'sql_mode',
    "'NO_BACKSLASH_ESCAPES'",
    'a quote in a value ends the text, and the rest of the value is SQL',
    (manager) => rows(manager, 'SELECT ? AS v', ["it's \\"]),
    [{ v: "it's \\" }],
  ],
  [
    'sql_mode',
    "'ANSI_QUOTES'",
    'text in double quotes is taken for a column',
    (manager) => rows(manager, 'SELECT "text" AS v'),
    [{ v: 'text' }],
  ],
  [
    'sql_mode',
    "'PIPES_AS_CONCAT,NO_UNSIGNED_SUBTRACTION'",
    'OR joins texts',
    (manager) => rows(manager, 'SELECT 0 || 0 AS v'),
    [{ v: '0' }],
  ],
  [
    'sql_safe_updates',
    '1',
    'a change without a key is refused (1175)',
    (manager) =>
      manager
        .query("UPDATE effect SET note = 'x' WHERE note = 'nobody'")
        .then(({ affectedRows }: { affectedRows: number }) => affectedRows, errno),
    0,
  ],
  [
    'sql_select_limit',
    '1',
    'rows are missing from every answer',
    (manager) => rows(manager, 'SELECT 1 AS v UNION ALL SELECT 2'),
    [{ v: '1' }, { v: '2' }],
  ],
  [
    'sql_auto_is_null',
    '1',
    '`id IS NULL` finds the row that was inserted last',
    async (manager) => {
      await manager.query("INSERT INTO effect (tx_no, note) VALUES ('is-null', '')");
      return rows(manager, 'SELECT tx_no AS v FROM effect WHERE id IS NULL');
    },
    [],
  ],
  [
    'max_execution_time',
    // In ms; not 1, because what TypeORM reads when it connects must not be interrupted.
    '200',
    'a read is interrupted before its deadline (3024)',
    (manager) => rows(manager, 'SELECT SLEEP(2) AS v'),
    [{ v: '0' }],
  ],
  [
    'transaction_read_only',
    '1',
    'every change is refused (1792)',
    (manager) =>
      manager.query("INSERT INTO effect (tx_no, note) VALUES ('read-only', '')").then(() => 'stored', errno),
    'stored',
  ],
  [
    'time_zone',
    "'+05:00'",
    'NOW() is not UTC',
    (manager) => rows(manager, 'SELECT TIMESTAMPDIFF(HOUR, UTC_TIMESTAMP(), NOW()) AS v'),
    [{ v: '0' }],
  ],
  [
    'collation_connection',
    "'latin1_bin'",
    'text arrives in another character set',
    (manager) => rows(manager, "SELECT COLLATION('x') AS v"),
    [{ v: 'utf8mb4_general_ci' }],
  ],
  [
    'character_set_client',
    "'latin1'",
    'letters are stored as others',
    (manager) => rows(manager, 'SELECT HEX(?) AS v', ['é𠮷']),
    [{ v: 'C3A9F0A0AEB7' }],
  ],
  [
    'max_sort_length',
    '4',
    'texts that begin alike are not put in order',
    (manager) => rows(manager, "SELECT v FROM (SELECT 'long-b' AS v UNION ALL SELECT 'long-a') t ORDER BY v"),
    [{ v: 'long-a' }, { v: 'long-b' }],
  ],
  [
    'foreign_key_checks',
    '0',
    'rows may point nowhere',
    (manager) => manager.query('INSERT INTO child VALUES (7)').then(() => 'stored', errno),
    1452,
  ],
  [
    'unique_checks',
    '0',
    'InnoDB may skip secondary unique keys',
    (manager) => rows(manager, 'SELECT @@unique_checks AS v'),
    [{ v: '1' }],
  ],
  [
    'sql_big_selects',
    // A server that limits selects also says what is big.
    '0, SESSION max_join_size = 1, SESSION sql_big_selects = 0',
    'a join is refused (1104)',
    (manager) => rows(manager, 'SELECT a.id + 0 AS v FROM parent a JOIN parent b ON a.id + 1 = b.id + 0'),
    [{ v: '1' }],
  ],
  [
    'lock_wait_timeout',
    '31536000',
    'a waiter for a table waits a year',
    (manager) => rows(manager, 'SELECT @@lock_wait_timeout AS v'),
    [{ v: '15' }],
  ],
  [
    'wait_timeout',
    '28800',
    'a frozen client keeps its locks for 8 hours',
    (manager) => rows(manager, 'SELECT @@wait_timeout AS v'),
    [{ v: '15' }],
  ],
  [
    'innodb_lock_wait_timeout',
    '50',
    'a waiter for a row uses up its whole deadline',
    (manager) => rows(manager, 'SELECT @@innodb_lock_wait_timeout AS v'),
    [{ v: '2' }],
  ],
];

const rows = (manager: EntityManager, sql: string, parameters: unknown[] = []): Promise<unknown> =>
  manager.query(sql, parameters);
const errno = (error: unknown): unknown =>
  (error as { driverError?: { errno?: unknown } }).driverError?.errno;

describe('a server whose session settings are others', () => {
  let url: string;
  let direct: DataSource;

  beforeAll(async () => {
    url = await createLibraryDatabase('session');
    direct = await openDataSource(url);
    await direct.query('CREATE TABLE amounts (id INT PRIMARY KEY, amount DECIMAL(5,2) NOT NULL)');
    await direct.query('CREATE TABLE parent (id INT PRIMARY KEY)');
    await direct.query('INSERT INTO parent VALUES (1), (2)');
    await direct.query('CREATE TABLE child (parent_id INT, FOREIGN KEY (parent_id) REFERENCES parent (id))');
  });
  afterAll(async () => {
    await direct.destroy();
  });

  /** As the service's own statements run, without a transaction of the library. */
  async function outcome(
    settings: Readonly<Record<string, string>>,
    work: (manager: EntityManager) => Promise<unknown>,
    changes?: { driver: undefined },
  ): Promise<unknown> {
    const dataSource = await hostileDataSource(url, settings, changes);
    try {
      return await work(dataSource.createQueryRunner().manager).catch(errno);
    } finally {
      await dataSource.destroy();
    }
  }

  it.each(HOSTILE)('%s = %s: it is not so that %s', async (name, value, _harm, work, right) => {
    expect(await outcome({ [name]: value }, work)).toEqual(right);
    // What it would be.
    expect(await outcome({ [name]: value }, work, { driver: undefined })).not.toEqual(right);
  });

  it('completion_type = CHAIN: what follows a COMMIT is not part of a transaction that nobody commits', async () => {
    const count = async (work: Promise<unknown>): Promise<unknown> => {
      await work;
      const [row] = await direct.query<{ n: unknown }[]>(
        "SELECT COUNT(*) n FROM effect WHERE tx_no = 'chained'",
      );
      return row?.n;
    };
    const insert = async (manager: EntityManager): Promise<void> => {
      await manager.query('START TRANSACTION');
      await manager.query('COMMIT');
      await manager.query("INSERT INTO effect (tx_no, note) VALUES ('chained', '')");
    };
    const settings = { completion_type: "'CHAIN'" };
    expect(await count(outcome(settings, insert, { driver: undefined }))).toBe('0');
    expect(await count(outcome(settings, insert))).toBe('1');
  });

  it('autocommit = 0: what a read sees is not as old as the read before it', async () => {
    const grows = async (manager: EntityManager): Promise<boolean> => {
      const count = (): Promise<unknown> =>
        manager.query("SELECT COUNT(*) AS n FROM effect WHERE tx_no = 'stale'");
      const before = await count();
      await direct.query("INSERT INTO effect (tx_no, note) VALUES ('stale', '')");
      return JSON.stringify(before) !== JSON.stringify(await count());
    };
    expect(await outcome({ autocommit: '0' }, grows, { driver: undefined })).toBe(false);
    expect(await outcome({ autocommit: '0' }, grows)).toBe(true);
  });

  it('transaction_isolation = REPEATABLE READ: an absent row that is looked for locks no gap for others', async () => {
    const insertIntoGap = async (manager: EntityManager): Promise<unknown> => {
      await manager.query('START TRANSACTION');
      await manager.query('SELECT * FROM amounts WHERE id = 500 FOR UPDATE');
      const other = await direct.query('INSERT INTO amounts VALUES (501, 0)').then(() => 'stored', errno);
      await manager.query('ROLLBACK');
      return other;
    };
    const settings = { transaction_isolation: "'REPEATABLE-READ'" };
    expect(await outcome(settings, insertIntoGap, { driver: undefined })).toBe(1205);
    expect(await outcome(settings, insertIntoGap)).toBe('stored');
  });

  it('the library pins them also in a DataSource that somebody else has made', async () => {
    const dataSource = await hostileDataSource(
      url,
      { sql_mode: "''", completion_type: "'CHAIN'" },
      { driver: undefined },
    );
    try {
      const seen = await new DatabaseTransactions(dataSource).run(
        async ({ entityManager }) => ({
          decision: 'COMMIT',
          value: await entityManager.query<unknown[]>('SELECT @@sql_mode m, @@completion_type c'),
        }),
        soon(),
      );
      expect(seen).toEqual([{ m: expect.stringContaining('STRICT_TRANS_TABLES') as unknown, c: 'NO_CHAIN' }]);
    } finally {
      await dataSource.destroy();
    }
  });

  it('costs one round trip for each new connection, and none after that', async () => {
    const dataSource = await openDataSource(url, 1);
    try {
      const statements = async (): Promise<number> => {
        const [row] = await dataSource.query<{ Value: string }[]>(
          "SHOW SESSION STATUS LIKE 'Com_set_option'",
        );
        return Number(row?.Value);
      };
      const first = await statements();
      const transactions = new DatabaseTransactions(dataSource);
      for (let round = 0; round < 3; round++) {
        await transactions.run(() => Promise.resolve({ decision: 'COMMIT', value: undefined }), soon());
      }
      expect([first, await statements()]).toEqual([1, 1]);
    } finally {
      await dataSource.destroy();
    }
  });
});
