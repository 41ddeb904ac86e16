import type { RowDataPacket } from 'mysql2/promise';
import { StackError } from '../../stack/stack-error.js';
import { waitUntil } from '../../stack/wait-until.js';
import type { BenchWorld } from '../transfer/bench-world.js';
import type { OurSide } from '../transfer/our-side.js';
import { separateSide } from '../transfer/separate-side.js';
import { PastTransfers } from './past-transfers.js';

const CLEAN_DEADLINE_MS = 5 * 60_000;

/** Our banks with databases, topics and groups of their own, whose tables have so many rows from the beginning. */
export async function grownSide(
  world: BenchWorld,
  rows: number,
  settings: Readonly<Record<string, string>>,
): Promise<OurSide> {
  const name = `${rows.toLocaleString('en')} rows`;
  const { side, names } = await separateSide(world, `bench_rows_${rows}`, name, settings);
  const connection = await world.connect();
  try {
    await PastTransfers.fill(connection, rows, names);
  } finally {
    await connection.end();
  }
  return side;
}

/** Waits until what the filling has written is on the disk: the first run would pay for it. */
export async function untilFlushed({ pool }: BenchWorld): Promise<void> {
  await pool.query('SET GLOBAL innodb_max_dirty_pages_pct = 0');
  await waitUntil('Flushing the buffer pool', { deadlineMs: CLEAN_DEADLINE_MS }, async () => {
    const [[row]] = await pool.query<(RowDataPacket & { Value: string })[]>(
      "SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'",
    );
    return Number(row?.Value) < 100;
  });
  await pool.query('SET GLOBAL innodb_max_dirty_pages_pct = DEFAULT');
}

/** Tables and indexes of both databases, in MB. */
export async function sizeMb({ pool }: BenchWorld, { schema }: OurSide): Promise<number> {
  const [[row]] = await pool.query<(RowDataPacket & { bytes: string })[]>(
    `SELECT SUM(FILE_SIZE) AS bytes FROM information_schema.INNODB_TABLESPACES
     WHERE NAME LIKE ? OR NAME LIKE ?`,
    [`${schema.bank1}/%`, `${schema.bank2}/%`],
  );
  return Number(row?.bytes) / 1024 / 1024;
}

/**
 * Holds every account against the transfers in the tables, those of the past included.
 * @throws StackError when an account does not agree
 */
export async function assertAccountsAgree({ pool }: BenchWorld, { name, schema }: OurSide): Promise<void> {
  for (const [database, table, isMoved, sign] of [
    [schema.bank1, 'outgoing_transfer', "state IN ('DEBITED', 'COMPLETED')", '-'],
    [schema.bank2, 'incoming_transfer', "state = 'CREDITED'", '+'],
  ] as const) {
    const account = sign === '-' ? 'account_no' : 'to_account_no';
    const [[row]] = await pool.query<(RowDataPacket & { count: number })[]>(
      `SELECT COUNT(*) AS count FROM ${database}.account_info LEFT JOIN
         (SELECT ${account} AS account_no, SUM(amount) AS moved FROM ${database}.${table} WHERE ${isMoved}
          GROUP BY ${account}) transfers USING (account_no)
       WHERE account_balance <> opening_balance ${sign} COALESCE(moved, 0)`,
    );
    if (row?.count !== 0) {
      throw new StackError(
        `${name}: ${String(row?.count)} accounts of ${database} do not agree with ${table}: money came or went.`,
      );
    }
  }
}
