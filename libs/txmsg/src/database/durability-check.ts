import type { DataSource } from 'typeorm';

/**
 * With `innodb_flush_log_at_trx_commit` other than 1, a database that crashes may lose a transaction after it
 * confirmed the COMMIT: the message would be delivered, and the debit behind it be gone.
 * @returns what is wrong, or undefined
 */
export async function durabilityProblem(dataSource: DataSource): Promise<string | undefined> {
  const rows = await dataSource.query<{ value: unknown }[]>(
    'SELECT @@innodb_flush_log_at_trx_commit AS value',
  );
  const value = String(rows[0]?.value);
  if (value === '1') return undefined;
  return `the database has innodb_flush_log_at_trx_commit = ${value}, so a crash can undo a committed transaction whose message is delivered. Set it to 1, or accept the loss with acceptUnsafeFlush: true`;
}
