import mysql2, { type Pool, type PoolConnection, type PoolOptions } from 'mysql2';
import { DataSource } from 'typeorm';
import { mysqlDataSourceOptions } from '../src/database/index.js';
import { CONNECT_TIMEOUT_MS } from './library-database.js';

/**
 * A DataSource whose connections begin with these session settings, as they would on a server that has them as its
 * defaults. The server itself is shared with other tests.
 */
export async function hostileDataSource(
  url: string,
  settings: Readonly<Record<string, string>>,
  changes: Partial<Record<string, unknown>> = {},
): Promise<DataSource> {
  const assignments = Object.entries(settings).map(([name, value]) => `SESSION ${name} = ${value}`);
  const statement = `SET ${assignments.join(', ')}`;
  const createPool = mysql2.createPool.bind(mysql2) as (options: PoolOptions) => Pool;
  const hostilePool = (options: PoolOptions): Pool => {
    const pool = createPool(options);
    // Emitted before anybody gets the connection, and statements are sent in the order in which they were given.
    pool.on('connection', (connection: PoolConnection) => {
      connection.query(statement, (error) => {
        if (error !== null) throw error;
      });
    });
    return pool;
  };
  const options = mysqlDataSourceOptions(url, { connectionLimit: 1, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  const original = mysql2.createPool;
  Object.assign(mysql2, { createPool: hostilePool });
  try {
    return await new DataSource({ ...options, ...changes }).initialize();
  } finally {
    Object.assign(mysql2, { createPool: original });
  }
}
