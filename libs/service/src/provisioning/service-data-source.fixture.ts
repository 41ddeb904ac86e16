import type { ServiceName } from '@txmsg/contracts';
import { mysqlDataSourceOptions } from 'txmsg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { createServiceDatabase, dropServiceDatabase } from './service-database.js';

/** A database of a test file's own, made anew and open for the service's account; it stays there for a look. */
export async function newServiceDataSource(
  service: ServiceName,
  database: string,
  entities: NonNullable<DataSourceOptions['entities']>,
): Promise<DataSource> {
  const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
  await dropServiceDatabase(rootUrl, database);
  const url = await createServiceDatabase(rootUrl, service, database);
  const options = mysqlDataSourceOptions(url, { connectTimeoutMs: 30_000 });
  return new DataSource({ ...options, entities }).initialize();
}
