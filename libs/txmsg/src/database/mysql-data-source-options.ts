import type { DataSourceOptions } from 'typeorm';
import { mysqlPlace, parseMysqlUrl } from './mysql-url.js';
import { PinnedMysql2 } from './pinned-mysql2.js';

/** The service's connection pool. */
export interface MysqlConnectionOptions {
  /** The most connections this process opens for ordinary work. @default 10 */
  readonly connectionLimit?: number;
  /** How long one connection may take to be made, in ms. @default 2000 */
  readonly connectTimeoutMs?: number;
  /** How many callers may wait for a connection; one more fails at once. @default 1000 */
  readonly waitersMax?: number;
  /** The setting that the URL comes from, for messages. @default none is named */
  readonly setting?: string;
}

export const WAITERS_MAX = 1000;

/**
 * TypeORM options for a database that txmsg works in; spread them and add your entities.
 *
 * What matters here: every connection has the session settings of docs/MYSQL.md, the service's own too; idle
 * connections are closed by the pool (after 5 s) before the server closes them, which mysql2 does only when `maxIdle`
 * is below `connectionLimit`; BIGINT and DECIMAL arrive as strings; DATETIME is UTC.
 *
 * @throws MysqlUrlError when the URL is not understood, also for a parameter other than `ssl` and `ssl-ca`
 */
export function mysqlDataSourceOptions(
  url: string,
  {
    connectionLimit = 10,
    connectTimeoutMs = 2000,
    waitersMax = WAITERS_MAX,
    setting,
  }: MysqlConnectionOptions = {},
): DataSourceOptions & { type: 'mysql' } {
  const { user, ssl, ...server } = parseMysqlUrl(url);
  const place = setting === undefined ? mysqlPlace(server) : `${mysqlPlace(server)} (${setting})`;
  return {
    type: 'mysql',
    driver: new PinnedMysql2(place),
    ...server,
    ...(user !== undefined && { username: user }),
    ...(ssl !== undefined && { ssl }),
    timezone: 'Z',
    charset: 'utf8mb4',
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: false,
    multipleStatements: false,
    // A stack captured for every query. TypeORM's own error has one, and only when there is an error.
    trace: false,
    extra: {
      connectionLimit,
      connectTimeout: connectTimeoutMs,
      waitForConnections: true,
      queueLimit: waitersMax,
      resetOnRelease: false,
      maxIdle: Math.max(0, connectionLimit - 1),
      idleTimeout: 5000,
      enableKeepAlive: true,
      keepAliveInitialDelay: 5000,
      decimalNumbers: false,
    },
  };
}
