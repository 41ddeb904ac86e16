import { audit, LIST_MAX, type AuditOptions } from './audit.js';
import type { AuditReport } from './audit-report.js';
import type { BankName, OpenBooks } from './books.js';
import { MysqlBooks, openMysqlBooks, QUERY_TIMEOUT_MS, quoted, type ReadingOptions } from './mysql-books.js';
import { SnapshotConnection } from './snapshot-connection.js';

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
  {
    queryTimeoutMs = QUERY_TIMEOUT_MS,
    listMax = LIST_MAX,
    foreignSenders = false,
    setting,
  }: ReadingOptions = {},
): Promise<AuditReport> {
  const connection = await SnapshotConnection.open(url, queryTimeoutMs, setting);
  try {
    const bank1 = new MysqlBooks(connection, 'bank1', quoted(schemas.bank1), listMax);
    const bank2 = new MysqlBooks(connection, 'bank2', quoted(schemas.bank2), listMax);
    return await audit({ bank1, bank2 }, { listMax, foreignSenders });
  } finally {
    connection.close();
  }
}

/**
 * Audits two databases that no single account sees: three snapshots, one begun after another.
 *
 * @param urls - of each database, with its name in the path
 * @param settings - those that hold the URLs, for messages
 * @throws AuditUnreadableError
 */
export function auditTwoServers(
  urls: Readonly<Record<BankName, string>>,
  options: Omit<ReadingOptions, 'setting'> = {},
  settings?: Readonly<Record<BankName, string>>,
): Promise<AuditReport> {
  return auditInTurn(
    (bank) => openMysqlBooks(bank, urls[bank], { ...options, setting: settings?.[bank] }),
    options,
  );
}

/**
 * Audits books that cannot be opened at the same moment. The order is what the comparison rests on: each must be
 * there, as of some moment, before the next one is begun.
 */
export async function auditInTurn(
  open: (bank: BankName) => Promise<OpenBooks>,
  options: AuditOptions = {},
): Promise<AuditReport> {
  const opened: OpenBooks[] = [];
  const openNext = async (bank: BankName): Promise<OpenBooks> => {
    const books = await open(bank);
    opened.push(books);
    return books;
  };
  try {
    const bank2 = await openNext('bank2');
    const bank1 = await openNext('bank1');
    const bank2Later = await openNext('bank2');
    return await audit({ bank1, bank2, bank2Later }, options);
  } finally {
    for (const books of opened) books.close();
  }
}
