import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { mysqlDataSourceOptions } from 'txmsg';
import { DataSource } from 'typeorm';
import { UserTables } from './user.tables.js';

const DATABASE = 'test_user_tables';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

describe('a database of user of an earlier version', () => {
  let own: DataSource;
  let root: DataSource;

  beforeAll(async () => {
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'user', DATABASE);
    own = await new DataSource(mysqlDataSourceOptions(url, { connectTimeoutMs: 30_000 })).initialize();
    root = await new DataSource(
      mysqlDataSourceOptions(new URL(DATABASE, rootUrl).href, { connectTimeoutMs: 30_000 }),
    ).initialize();
  });
  afterAll(async () => {
    await Promise.all([own.destroy(), root.destroy()]);
    await dropServiceDatabase(rootUrl, DATABASE);
  });

  it.each(['registration', 'undo_log'])(
    'without %s keeps the service from starting, until the scripts have run again',
    async (table) => {
      await root.query(`DROP TABLE ${table}`);
      await expect(new UserTables(own).onModuleInit()).rejects.toThrow('run sql/user.sql');
      await createServiceDatabase(rootUrl, 'user', DATABASE);
      await expect(new UserTables(own).onModuleInit()).resolves.toBeUndefined();
    },
  );
});
