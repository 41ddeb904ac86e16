import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { TxMsgError } from '../errors/txmsg.error.js';
import { mysqlPlace, parseMysqlUrl } from '../database/mysql-url.js';
import { txmsgSql } from './library-script.js';
import { pendingChanges } from './pending-changes.js';
import { readSchemaScript, type SchemaChange, type SchemaScript } from './schema-script.js';

const TIMEOUT_MS = 10_000;

/** How far a database is behind a script. */
export interface SchemaStatus {
  /** Its name. */
  readonly database: string;
  /** What it still needs, in this order; nothing when it is up to date. */
  readonly pending: readonly SchemaChange[];
}

/** The database cannot be looked at: it is away, does not exist, or refuses the account. */
export class SchemaUnreadableError extends TxMsgError {
  readonly code = 'TXMSG_SCHEMA_UNREADABLE';

  constructor(
    /** `host:port/database` */
    readonly place: string,
    options: ErrorOptions,
  ) {
    super(`The tables at ${place} cannot be looked at: ${(options.cause as Error).message}.`, options);
  }
}

/**
 * Compares the database of `url` with a script. It changes nothing, and needs no more rights than the service's own
 * account has. Connecting and each of its queries end within 10 seconds.
 * @param url - `mysql://user:password@host:port/database`
 * @param script - what the database should have. @default the library's own tables
 * @throws MysqlUrlError, SchemaUnreadableError
 */
export async function readSchemaStatus(
  url: string,
  script: SchemaScript = readSchemaScript(txmsgSql()),
): Promise<SchemaStatus> {
  const server = parseMysqlUrl(url);
  try {
    const connection = await createConnection({ ...server, connectTimeout: TIMEOUT_MS });
    try {
      const query = async (sql: string): Promise<RowDataPacket[]> =>
        (await connection.query<RowDataPacket[]>({ sql, timeout: TIMEOUT_MS }))[0];
      return { database: server.database ?? '', pending: await pendingChanges(query, script) };
    } finally {
      connection.destroy();
    }
  } catch (error) {
    throw new SchemaUnreadableError(mysqlPlace(server), { cause: error });
  }
}

/** The pending changes as SQL for the mysql client: nothing but a comment when there is nothing to do. */
export function pendingSql({ database, pending }: SchemaStatus): string {
  if (pending.length === 0) return `-- ${database}: up to date`;
  return [
    `USE \`${database.replaceAll('`', '``')}\`;`,
    'SET SESSION lock_wait_timeout = 10;',
    ...pending.map(({ name, why, statement }) => `-- ${name}: ${why}\n${statement};`),
  ].join('\n');
}
