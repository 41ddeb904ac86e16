import { mysqlDataSourceOptions } from 'txmsg';
import type { Pool, PoolConnection, PoolOptions } from 'mysql2';
import type { DataSourceOptions } from 'typeorm';

/**
 * Options of a DataSource whose server seems to have these variables: each is the SQL for its value. The server itself is
 * shared with other tests.
 */
export function otherServerOptions(
  mysqlUrl: string,
  variables: Readonly<Record<string, string>>,
): DataSourceOptions & { type: 'mysql' } {
  const options = mysqlDataSourceOptions(mysqlUrl, { connectionLimit: 5, connectTimeoutMs: 30_000 });
  const driver = options.driver as { createPool(options: PoolOptions): Pool };
  const createPool = driver.createPool.bind(driver);
  const asOther = (sql: unknown): unknown =>
    typeof sql === 'string'
      ? Object.entries(variables).reduce(
          (text, [name, value]) => text.replace(`@@${name} `, `${value} `),
          sql,
        )
      : sql;
  driver.createPool = (poolOptions) => {
    const pool = createPool(poolOptions);
    pool.on('connection', (connection: PoolConnection) => {
      const query = connection.query.bind(connection) as (sql: unknown, ...rest: unknown[]) => unknown;
      Object.assign(connection, {
        query: (sql: unknown, ...rest: unknown[]) => query(asOther(sql), ...rest),
      });
    });
    return pool;
  };
  return options;
}
