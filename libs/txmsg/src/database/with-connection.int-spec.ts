import type { Socket } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Pool } from 'mysql2';
import { DataSource } from 'typeorm';
import { CONNECT_TIMEOUT_MS, createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { Deadline } from '../deadline/index.js';
import { DatabaseUnavailableError } from '../errors/index.js';
import { eventually } from '../testing/index.js';
import { MysqlProxy } from '../testing/mysql-proxy.js';
import { DatabaseTransactions } from './database-transactions.js';
import { mysqlDataSourceOptions } from './mysql-data-source-options.js';
import { poolOf, waitersOf } from './pool-queue.js';
import { withConnection } from './with-connection.js';

describe('withConnection', () => {
  let url: string;
  let proxy: MysqlProxy;
  let dataSource: DataSource;

  beforeAll(async () => {
    url = await createLibraryDatabase('with_connection');
  });
  beforeEach(async () => {
    proxy = await MysqlProxy.start(url);
    dataSource = await openDataSource(proxy.url, 2);
  });
  afterEach(async () => {
    await dataSource.destroy();
    await proxy.close();
  });

  const read = (timeoutMs: number): Promise<unknown> =>
    withConnection(dataSource, timeoutMs, (manager) => manager.query('SELECT 1 AS one'));

  /** The socket of a connection of the pool, which is busy for a moment. */
  const stream = (): Promise<Socket> =>
    withConnection(dataSource, 30_000, async (manager) => {
      const connection = (await manager.queryRunner?.connect()) as { stream: Socket };
      await manager.query('SELECT SLEEP(0.5)');
      return connection.stream;
    });

  it('hands out what was read, on the same connection as before', async () => {
    const id = (): Promise<unknown> =>
      withConnection(dataSource, 30_000, (manager) => manager.query('SELECT CONNECTION_ID() AS id'));
    expect(await id()).toEqual(await id());
  });

  it('keeps a connection whose statement was wrong', async () => {
    const id = (): Promise<unknown> =>
      withConnection(dataSource, 30_000, (manager) => manager.query('SELECT CONNECTION_ID() AS id'));
    const before = await id();
    const wrong = withConnection(dataSource, 30_000, (manager) => manager.query('SELECT nothing_there'));
    await expect(wrong).rejects.toMatchObject({ driverError: { errno: 1054 } });
    expect(await id()).toEqual(before);
  });

  it('gives no connection back on which something is under way that nobody awaited', async () => {
    const id = (): Promise<unknown> =>
      withConnection(dataSource, 30_000, (manager) => manager.query('SELECT CONNECTION_ID() AS id'));
    const before = await id();
    const failing = withConnection(dataSource, 30_000, (manager) =>
      Promise.all([
        manager.query('SELECT nothing_there'),
        manager.query('SELECT SLEEP(5)').catch(() => undefined),
      ]),
    );
    await expect(failing).rejects.toMatchObject({ driverError: { errno: 1054 } });
    expect(await id()).not.toEqual(before);
  });

  describe('when established connections hang while new ones work', () => {
    it('a read closes the one that it met, so that the pool heals as it is used', async () => {
      await Promise.all([read(30_000), read(30_000)]);
      proxy.freeze();
      const [first, second] = await Promise.allSettled([read(500), read(500)]);
      for (const result of [first, second]) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'TXMSG_DATABASE_UNAVAILABLE' } });
      }
      await expect(read(30_000)).resolves.toEqual([{ one: '1' }]);
    });

    it('leaves no socket behind when the server is frozen', async () => {
      const streams = await Promise.all([stream(), stream()]);
      expect(new Set(streams).size).toBe(2);
      proxy.freeze();
      await Promise.allSettled([read(500), read(500)]);
      await eventually(() => Promise.resolve(streams.every(({ closed }) => closed)));
    });
  });

  describe('when every connection is in use', () => {
    let release: (() => void) | undefined;
    let holding: Promise<unknown>;

    beforeEach(async () => {
      const isHeld = new Promise<void>((held) => {
        let count = 0;
        const hold = (): Promise<void> =>
          new Promise<void>((resolve) => {
            const before = release;
            release = () => {
              before?.();
              resolve();
            };
            count += 1;
            if (count === 2) held();
          });
        holding = Promise.all([1, 2].map(() => withConnection(dataSource, 120_000, hold)));
      });
      await isHeld;
    });
    afterEach(async () => {
      release?.();
      await holding;
      release = undefined;
    });

    it("keeps nobody in the pool's queue who has stopped waiting", async () => {
      const waiting = Promise.allSettled(Array.from({ length: 200 }, () => read(300)));
      expect(waitersOf(dataSource)).toBe(200);
      await waiting;
      expect(waitersOf(dataSource)).toBe(0);
    });

    it('neither transactions nor what is handed a connection late keep a place or a connection', async () => {
      const transactions = new DatabaseTransactions(dataSource);
      const run = transactions.run(() => Promise.resolve({ decision: 'COMMIT', value: undefined }), {
        deadline: Deadline.in(300),
      });
      await expect(run).rejects.toBeInstanceOf(DatabaseUnavailableError);
      expect(waitersOf(dataSource)).toBe(0);
    });

    it('goes on with those who still wait when a connection becomes free', async () => {
      const impatient = read(300);
      const patient = read(60_000);
      await expect(impatient).rejects.toBeInstanceOf(DatabaseUnavailableError);
      release?.();
      await expect(patient).resolves.toEqual([{ one: '1' }]);
    });

    it('refuses at once whoever comes when 1000 wait', async () => {
      const waiting = Promise.allSettled(Array.from({ length: 1000 }, () => read(3000)));
      expect(waitersOf(dataSource)).toBe(1000);
      await expect(read(60_000)).rejects.toThrow(/1000 callers wait for one already/);
      await waiting;
    });
  });

  it('gives a connection back that comes when nobody waits for it any more', async () => {
    type Taken = (...arrived: unknown[]) => void;
    const pool = poolOf(dataSource) as unknown as { getConnection: (taken: Taken) => void };
    const take = pool.getConnection.bind(pool);
    const slow = jest.spyOn(pool, 'getConnection').mockImplementation((taken) => {
      take((...arrived) => setTimeout(taken, 500, ...arrived));
    });
    for (const result of await Promise.allSettled([read(100), read(100)]))
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'TXMSG_DATABASE_UNAVAILABLE' } });
    slow.mockRestore();
    // The pool has two.
    await expect(Promise.all([read(10_000), read(10_000)])).resolves.toHaveLength(2);
  });

  it('closes a connection whose settings come too late, in a DataSource that somebody else has made', async () => {
    const own = mysqlDataSourceOptions(url, { connectionLimit: 1, connectTimeoutMs: CONNECT_TIMEOUT_MS });
    const options = { ...own, driver: undefined };
    const foreign = await new DataSource(options).initialize();
    try {
      const pool = poolOf(foreign) as unknown as Pool;
      const take = pool.getConnection.bind(pool);
      const slow = jest.spyOn(pool, 'getConnection').mockImplementation((taken) => {
        take((error, connection) => {
          const query = connection.query.bind(connection) as (...statement: unknown[]) => unknown;
          const late = (...statement: unknown[]): unknown => setTimeout(() => query(...statement), 500);
          taken(error, Object.assign(connection, { query: late }));
        });
      });
      const late = withConnection(foreign, 100, (manager) => manager.query('SELECT 1'));
      await expect(late).rejects.toBeInstanceOf(DatabaseUnavailableError);
      slow.mockRestore();
      const next = withConnection(foreign, 10_000, (manager) => manager.query('SELECT 1 AS one'));
      await expect(next).resolves.toEqual([{ one: '1' }]);
    } finally {
      await foreign.destroy();
    }
  });

  it('names the address that was tried, and no password', async () => {
    const other = new DataSource(
      mysqlDataSourceOptions('mysql://u:hush@127.0.0.1:9/data', { setting: 'MYSQL_URL' }),
    );
    const failing = withConnection(other, 100, () => Promise.resolve());
    await expect(failing).rejects.toThrow(/127\.0\.0\.1:9\/data \(MYSQL_URL\)/);
    await expect(failing).rejects.not.toThrow(/hush/);
  });
});
