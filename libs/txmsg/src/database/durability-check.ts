import type { DataSource } from 'typeorm';

interface Row {
  readonly flush: unknown;
  readonly log_bin: unknown;
  readonly sync_binlog: unknown;
}

export interface DurabilityFindings {
  /** What makes the database lose transactions that it has confirmed. */
  readonly problems: readonly string[];
  /** What makes it show transactions before it has them for good. */
  readonly warnings: readonly string[];
}

/**
 * Whether a database that crashes keeps what it has confirmed, and what it has shown.
 *
 * With `innodb_flush_log_at_trx_commit` other than 1, or a binary log that is not flushed with every COMMIT, a
 * message would be delivered and the debit behind it be gone. Without a binary log, others see a transaction, and
 * its locks are gone, before its COMMIT is flushed (measured on MySQL 8.0.33); with one it is the other way round.
 * Whoever acts on what they saw, as an answer to a check-back, may then outlive it.
 * @throws when the database is away
 */
export async function checkDurability(dataSource: Pick<DataSource, 'query'>): Promise<DurabilityFindings> {
  const [row] = await dataSource.query<Row[]>(
    `SELECT @@innodb_flush_log_at_trx_commit AS flush, @@log_bin AS log_bin, @@sync_binlog AS sync_binlog`,
  );
  const isLogged = String(row?.log_bin) === '1';
  const wanted = [
    ['innodb_flush_log_at_trx_commit', String(row?.flush)],
    // A transaction that the binary log has lost is rolled back when the database starts again.
    ...(isLogged ? [['sync_binlog', String(row?.sync_binlog)]] : []),
  ];
  return {
    problems: wanted
      .filter(([, value]) => value !== '1')
      .map(
        ([name, value]) =>
          `The database has ${name} = ${value}, so a crash can undo a committed transaction whose message is delivered. Set it to 1, or accept the loss with acceptUnsafeFlush: true.`,
      ),
    warnings: isLogged
      ? []
      : [
          'The database has no binary log, so others see a transaction before its COMMIT is on the disk: what they did because of it can outlive it when the machine fails at that moment. Switch the binary log on (MySQL does by default), with sync_binlog = 1.',
        ],
  };
}
