import { readFile } from 'node:fs/promises';
import { createConnection } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { StackError } from './stack-error.js';

/** Its database on the stack's MySQL. */
export const SEATA_DATABASE = 'seata';

/** Where a coordinator that keeps its transactions in MySQL has them. */
export interface SeataStore {
  /** An account that may create databases and accounts. */
  readonly rootUrl: string;
  /** Names the account, too. */
  readonly database: string;
  readonly password: string;
  /** MySQL's socket in the file system, from a folder; undefined when MySQL runs elsewhere. */
  readonly socket?: { readonly folder: string; readonly path: string };
}

const SCRIPT = new URL('seata-store.sql', import.meta.url);

/** The database, its account and its tables; repeating it changes nothing. */
export async function createSeataStore({ rootUrl, database, password }: SeataStore): Promise<void> {
  try {
    const connection = await createConnection({ ...parseMysqlUrl(rootUrl), multipleStatements: true });
    try {
      await connection.query(`CREATE DATABASE IF NOT EXISTS ${database} CHARACTER SET utf8mb4`);
      await connection.query(`CREATE USER IF NOT EXISTS '${database}'@'%' IDENTIFIED BY '${password}'`);
      await connection.query(`ALTER USER '${database}'@'%' IDENTIFIED BY '${password}'`);
      const name = database.replaceAll('_', '\\_');
      await connection.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON \`${name}\`.* TO '${database}'@'%'`);
      await connection.query(`USE ${database}`);
      await connection.query(await readFile(SCRIPT, 'utf8'));
    } finally {
      connection.destroy();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const what = `The database "${database}" of the coordinator could not be made`;
    throw new StackError(`${what}: ${reason}`, { cause: error });
  }
}

/** @param inOwnNetwork - a socket in the file system is found from every network, and 127.0.0.1 only from this machine's */
export function jdbcUrl({ rootUrl, database, socket }: SeataStore, inOwnNetwork: boolean): string {
  const { host, port } = parseMysqlUrl(rootUrl);
  const isBySocket = socket !== undefined && inOwnNetwork;
  const place = isBySocket ? 'localhost' : `${host}:${port}`;
  const settings = new URLSearchParams({
    allowPublicKeyRetrieval: 'true',
    // By a socket MySQL wants the password itself and no proof of it, which the driver gives away only encrypted.
    sslMode: isBySocket ? 'REQUIRED' : 'DISABLED',
    rewriteBatchedStatements: 'true',
    connectTimeout: '5000',
    socketTimeout: '30000',
    ...(isBySocket
      ? {
          socketFactory: 'org.newsclub.net.mysql.AFUNIXDatabaseSocketFactoryCJ',
          // An absolute path may exceed the 107 bytes that a socket's name can have; the server works in that folder.
          'junixsocket.file': `/proc/self/cwd/${socket.path}`,
        }
      : {}),
  });
  return `jdbc:mysql://${place}/${database}?${settings.toString()}`;
}
