import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { CONNECT_TIMEOUT_MS, createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { Deadline } from '../deadline/index.js';
import { MysqlProxy } from '../testing/mysql-proxy.js';
import { ReservedConnections } from './reserved-connections.js';
import { mysqlDataSourceOptions } from './mysql-data-source-options.js';

const OPTIONS = { connectTimeoutMs: CONNECT_TIMEOUT_MS };

describe('ReservedConnections', () => {
  let url: string;
  let direct: DataSource;

  beforeAll(async () => {
    url = await createLibraryDatabase('reserved');
    direct = await openDataSource(url);
  });
  afterAll(async () => {
    await direct.destroy();
  });

  it('leaves the schema alone, whatever the DataSource of the service does with it', async () => {
    // Not initialised: it would drop the schema itself, as it is asked to.
    const main = new DataSource({ ...mysqlDataSourceOptions(url, OPTIONS), dropSchema: true });
    const reserved = new ReservedConnections(main);
    try {
      await reserved.execute('SELECT 1', [], Deadline.in(10_000));
      expect(await direct.query<unknown[]>("SHOW TABLES LIKE 'effect'")).toHaveLength(1);
      expect(await direct.query<unknown[]>("SHOW TABLES LIKE 'de_duplication'")).toHaveLength(1);
    } finally {
      await reserved.close();
    }
  });

  it('tries anew when the first connection falls silent before it can be used', async () => {
    const proxy = await MysqlProxy.start(url);
    const reserved = new ReservedConnections(new DataSource(mysqlDataSourceOptions(proxy.url, OPTIONS)));
    try {
      const silent = proxy.at(/^SELECT version\(\)/i, 'swallow-answer');
      await expect(reserved.execute('SELECT 1', [], Deadline.in(12_000))).rejects.toMatchObject({
        code: 'TXMSG_DATABASE_UNAVAILABLE',
      });
      await silent;
      await expect(reserved.execute('SELECT 1 AS one', [], Deadline.in(12_000))).resolves.toEqual([
        { one: '1' },
      ]);
    } finally {
      await reserved.close();
      await proxy.close();
    }
  });

  it('names the server and the setting when it is away, and no password', async () => {
    const away = mysqlDataSourceOptions('mysql://u:hush@127.0.0.1:9/data', { setting: 'MYSQL_URL' });
    const reserved = new ReservedConnections(new DataSource(away));
    const asked = reserved.execute('SELECT 1', [], Deadline.in(10_000));
    await expect(asked).rejects.toThrow(/MySQL at 127\.0\.0\.1:9\/data \(MYSQL_URL\).*ECONNREFUSED/);
    await expect(asked).rejects.not.toThrow(/hush/);
    await reserved.close();
  });
});
