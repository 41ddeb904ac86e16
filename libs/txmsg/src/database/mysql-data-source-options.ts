import type { DataSourceOptions } from 'typeorm';

export interface MysqlConnectionOptions {
  /** The most connections this process opens for ordinary work. @default 10 */
  readonly connectionLimit?: number;
  /** @default 2000 */
  readonly connectTimeoutMs?: number;
}

/**
 * TypeORM options for a database that txmsg works in; spread them and add your entities.
 *
 * What matters here: idle connections are closed by the pool (after 5 s) before the server closes them
 * (`SESSION_SETTINGS`), which mysql2 does only when `maxIdle` is below `connectionLimit`; BIGINT and DECIMAL
 * arrive as strings; DATETIME is UTC.
 */
export function mysqlDataSourceOptions(
  url: string,
  { connectionLimit = 10, connectTimeoutMs = 2000 }: MysqlConnectionOptions = {},
): DataSourceOptions & { type: 'mysql' } {
  return {
    type: 'mysql',
    url,
    timezone: 'Z',
    charset: 'utf8mb4',
    supportBigNumbers: true,
    bigNumberStrings: true,
    multipleStatements: false,
    extra: {
      connectionLimit,
      connectTimeout: connectTimeoutMs,
      maxIdle: Math.max(0, connectionLimit - 1),
      idleTimeout: 5000,
      enableKeepAlive: true,
      keepAliveInitialDelay: 5000,
      decimalNumbers: false,
    },
  };
}

/**
 * Set on every connection that a txmsg transaction uses.
 * - `wait_timeout`: a frozen or half-open client would otherwise keep its locks for 8 hours; TCP keep-alive
 *   cannot see a stopped process. Longer than any transaction's deadline.
 * - `innodb_lock_wait_timeout`: whole seconds; a waiter is better off trying again.
 * - READ COMMITTED: no gap locks, so an absent barrier row blocks nobody.
 */
export const SESSION_SETTINGS =
  "SET SESSION wait_timeout = 15, SESSION innodb_lock_wait_timeout = 2, SESSION time_zone = '+00:00', " +
  "SESSION transaction_isolation = 'READ-COMMITTED', SESSION autocommit = 1";
