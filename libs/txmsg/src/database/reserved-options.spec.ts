import { describe, expect, it } from '@jest/globals';
import type { DataSourceOptions } from 'typeorm';
import { mysqlDataSourceOptions } from './mysql-data-source-options.js';
import { reservedOptions } from './reserved-options.js';

const options = (changes: object): DataSourceOptions =>
  ({ type: 'mysql', ...changes }) as unknown as DataSourceOptions;

describe('the options of the reserved pool', () => {
  it('are where the server is and how to sign in there', () => {
    const main = mysqlDataSourceOptions('mysql://u:p@[::1]:3307/data?ssl=true', { connectionLimit: 50 });
    expect(reservedOptions(main)).toMatchObject({
      type: 'mysql',
      driver: main.driver as unknown,
      host: '::1',
      port: 3307,
      username: 'u',
      password: 'p',
      database: 'data',
      ssl: { rejectUnauthorized: true },
      timezone: 'Z',
      extra: { connectTimeout: 2000, idleTimeout: 5000, connectionLimit: 2, maxIdle: 1 },
    });
  });

  it.each([
    'dropSchema',
    'synchronize',
    'migrationsRun',
    'migrations',
    'entities',
    'subscribers',
    'cache',
    'logger',
    'logging',
    'name',
    'poolSize',
    'entityPrefix',
    'maxQueryExecutionTime',
    'somethingNew',
  ])('never include %s', (name) => {
    expect(reservedOptions(options({ [name]: true }))).not.toHaveProperty(name);
  });

  it.each([
    'resetOnRelease',
    'queueLimit',
    'waitForConnections',
    'typeCast',
    'rowsAsArray',
    'multipleStatements',
  ])('never include %s of the driver', (name) => {
    expect(reservedOptions(options({ extra: { [name]: true } })).extra).not.toHaveProperty(name);
  });

  it('are those of the server that writes', () => {
    const replication = { master: { host: 'primary', username: 'w' }, slaves: [{ host: 'replica' }] };
    const reserved = reservedOptions(options({ replication, database: 'data' }));
    expect(reserved).toMatchObject({ host: 'primary', username: 'w', database: 'data' });
    expect(reserved).not.toHaveProperty('replication');
  });
});
