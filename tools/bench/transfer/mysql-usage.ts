import type { Pool, RowDataPacket } from 'mysql2/promise';

/** What the server counted since its start. */
export interface MysqlUsage {
  /** Statements and prepares: each is one round trip of a client. */
  readonly roundTrips: number;
  /** Transactions that wrote something: each goes through the binary log once. */
  readonly writingTransactions: number;
  readonly redoFsyncs: number;
  readonly redoBytes: number;
  readonly poolReads: number;
}

const COUNTERS = [
  'Questions',
  'Com_stmt_prepare',
  'Binlog_cache_use',
  'Innodb_os_log_fsyncs',
  'Innodb_os_log_written',
  'Innodb_buffer_pool_reads',
] as const;

export async function mysqlUsage(pool: Pool): Promise<MysqlUsage> {
  const [rows] = await pool.query<(RowDataPacket & { Variable_name: string; Value: string })[]>(
    `SHOW GLOBAL STATUS WHERE Variable_name IN (${COUNTERS.map(() => '?').join(', ')})`,
    [...COUNTERS],
  );
  const value = (name: (typeof COUNTERS)[number]): number =>
    Number(rows.find((row) => row.Variable_name === name)?.Value ?? NaN);
  return {
    roundTrips: value('Questions') + value('Com_stmt_prepare'),
    writingTransactions: value('Binlog_cache_use'),
    redoFsyncs: value('Innodb_os_log_fsyncs'),
    redoBytes: value('Innodb_os_log_written'),
    poolReads: value('Innodb_buffer_pool_reads'),
  };
}
