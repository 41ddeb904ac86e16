import { audit, LIST_MAX } from './audit.js';
import type { AuditReport } from './audit-report.js';
import type { BankName } from './books.js';
import { MysqlBooks } from './mysql-books.js';
import { SnapshotConnection } from './snapshot-connection.js';

export interface MysqlAuditOptions {
  /** The longest that one statement may take, in ms; 600 000 at most. @default 60 000 */
  readonly queryTimeoutMs?: number;
  /** How many disagreements and foreign credits are listed; all are counted. @default 100 */
  readonly listMax?: number;
}

export const QUERY_TIMEOUT_MS = 60_000;

/** The names of the two databases; both are on one server. */
export type BankSchemas = Readonly<Record<BankName, string>>;

/**
 * Audits two databases of one server, in one snapshot.
 *
 * @param url - of an account that may read both databases
 * @throws AuditUnreadableError
 */
export async function auditOneServer(
  url: string,
  schemas: BankSchemas = { bank1: 'bank1', bank2: 'bank2' },
  { queryTimeoutMs = QUERY_TIMEOUT_MS, listMax = LIST_MAX }: MysqlAuditOptions = {},
): Promise<AuditReport> {
  const connection = await SnapshotConnection.open(url, queryTimeoutMs);
  try {
    const bank1 = new MysqlBooks(connection, 'bank1', quoted(schemas.bank1), listMax);
    const bank2 = new MysqlBooks(connection, 'bank2', quoted(schemas.bank2), listMax);
    return await audit({ bank1, bank2 }, listMax);
  } finally {
    connection.close();
  }
}

/**
 * Audits two databases that no single account sees: three snapshots, one begun after another.
 *
 * @param urls - of each database, with its name in the path
 * @throws AuditUnreadableError
 */
export async function auditTwoServers(
  urls: Readonly<Record<BankName, string>>,
  { queryTimeoutMs = QUERY_TIMEOUT_MS, listMax = LIST_MAX }: MysqlAuditOptions = {},
): Promise<AuditReport> {
  const connections: SnapshotConnection[] = [];
  const open = async (bank: BankName): Promise<MysqlBooks> => {
    const connection = await SnapshotConnection.open(urls[bank], queryTimeoutMs);
    connections.push(connection);
    return new MysqlBooks(connection, bank, quoted(databaseOf(urls[bank])), listMax);
  };
  try {
    // The order is what the comparison rests on: each snapshot is there before the next one is begun.
    const bank2 = await open('bank2');
    const bank1 = await open('bank1');
    const bank2Later = await open('bank2');
    return await audit({ bank1, bank2, bank2Later }, listMax);
  } finally {
    for (const connection of connections) connection.close();
  }
}

function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

function quoted(schema: string): string {
  return `\`${schema.replaceAll('`', '``')}\``;
}
