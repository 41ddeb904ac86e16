import type { DataSource } from 'typeorm';
import { mysqlPlace, parseMysqlUrl } from './mysql-url.js';
import { PinnedMysql2 } from './pinned-mysql2.js';

interface Address {
  readonly url?: string;
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number | string;
  readonly database?: string;
}

/** Where a DataSource connects to, for messages; without user and password. */
export function placeOf(dataSource: Pick<DataSource, 'options'>): string {
  const options = dataSource.options as Address & { driver?: unknown; replication?: { master?: Address } };
  if (options.driver instanceof PinnedMysql2) return options.driver.place;
  const { url, socketPath, host, port, database } = options.replication?.master ?? options;
  if (url !== undefined) return placeOfUrl(url);
  if (socketPath !== undefined) return socketPath;
  const address = { host: host ?? 'localhost', port: Number(port ?? 3306) };
  return mysqlPlace({ ...address, ...(database !== undefined && { database }) });
}

/** TypeORM takes URLs that `parseMysqlUrl` refuses. */
function placeOfUrl(url: string): string {
  try {
    return mysqlPlace(parseMysqlUrl(url));
  } catch {
    return 'the address of its url';
  }
}
