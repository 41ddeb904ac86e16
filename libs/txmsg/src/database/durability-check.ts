import type { DataSource } from 'typeorm';

interface Row {
  readonly flush: unknown;
  readonly log_bin: unknown;
  readonly sync_binlog: unknown;
}

export interface DurabilityFindings {
  /** Settings with which a crash loses committed transactions. */
  readonly problems: readonly string[];
  /** Settings with which others see a transaction before it is durable. */
  readonly warnings: readonly string[];
}

/**
 * Checks that a crash of the database loses no transaction that it has confirmed, or that others have seen.
 *
 * With `innodb_flush_log_at_trx_commit` other than 1, or a binary log that is not flushed with every COMMIT, a
 * message would be delivered and the debit behind it be gone. Without a binary log, others see a transaction, and
 * its locks are gone, before its COMMIT is flushed (measured on MySQL 8.0.33); with one it is the other way round.
 * An answer to a check-back that was read from such a transaction may then be wrong after a crash.
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
          `The database has ${name} = ${value}, so a crash can undo a committed transaction on which others have acted, such as one whose message is delivered. Set it to 1, or accept the loss with acceptUnsafeFlush: true.`,
      ),
    warnings: isLogged
      ? []
      : [
          'The database has no binary log, so others see a transaction before its COMMIT is on the disk: what they did because of it can outlive it when the machine fails at that moment. Switch the binary log on (MySQL does by default), with sync_binlog = 1.',
        ],
  };
}
