import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HealthIndicatorService } from '@nestjs/terminus';
import { mysqlDataSourceOptions } from 'txmsg';
import { MysqlProxy } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { BoundedRead } from '../database/bounded-read.js';
import { MysqlHealthIndicator } from './mysql.health-indicator.js';

/** Any database will do. */
const url = new URL('/information_schema', process.env.MYSQL_ROOT_URL).href;
const settings = { databaseReadTimeoutMs: 30_000, healthTimeoutMs: 5000 } as ServiceSettings;

describe('readiness', () => {
  let proxy: MysqlProxy;
  let dataSource: DataSource;
  let health: MysqlHealthIndicator;
  let read: BoundedRead;

  beforeEach(async () => {
    proxy = await MysqlProxy.start(url);
    dataSource = await new DataSource(
      mysqlDataSourceOptions(proxy.url, { connectionLimit: 1, connectTimeoutMs: 30_000 }),
    ).initialize();
    health = new MysqlHealthIndicator(new HealthIndicatorService(), dataSource, settings);
    read = new BoundedRead(dataSource, settings);
  });
  afterEach(async () => {
    await dataSource.destroy();
    await proxy.close();
  });

  const status = async (): Promise<string | undefined> => (await health.isHealthy('mysql')).mysql?.status;
  /** With an answer of its own, not the one that was asked for a moment ago. */
  const statusAnew = async (): Promise<string | undefined> => {
    health = new MysqlHealthIndicator(new HealthIndicatorService(), dataSource, settings);
    return status();
  };

  it('is red when the connections that do the work hang, although new ones work, and mends them', async () => {
    expect(await status()).toBe('up');
    proxy.freeze();
    expect(await statusAnew()).toBe('down');
    expect(await statusAnew()).toBe('up');
    await expect(read.run((manager) => manager.query('SELECT 1 AS one'))).resolves.toEqual([{ one: '1' }]);
  });

  it('is red when MySQL is away, and when no connection becomes free', async () => {
    await read.run(async () => {
      expect(await statusAnew()).toBe('down');
    });
    expect(await statusAnew()).toBe('up');
    proxy.down();
    expect(await statusAnew()).toBe('down');
  });
});
