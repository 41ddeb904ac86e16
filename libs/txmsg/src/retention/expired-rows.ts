import type { EntityManager } from 'typeorm';
import { valuesTable, type DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { TxMsgError } from '../errors/index.js';

/**
 * How much longer barrier rows are kept than messages are acted on. A message's age is measured by two clocks (its
 * sender's, and that of the process that consumes it or answers its check-back), a row's age by the database's, and the
 * row may be read some seconds after the age was checked. While these clocks agree within this margin, no row is
 * deleted that a message which is still acted on would need.
 */
export const CLOCK_MARGIN_MS = 15 * 60_000;

/** A table whose rows are deleted when they have reached an age. */
export interface ExpiringTable {
  /** Of the DataSource's database. */
  readonly name: string;
  /** The columns of the primary key, each with how its values are written in SQL, in the column's type. */
  readonly key: Readonly<Record<string, string>>;
  /** The column that says how old a row is. */
  readonly time: string;
  /** The index whose order is that of `time`, among the rows that meet `where`. */
  readonly index: string;
  /** SQL; only such rows are ever deleted. */
  readonly where: string;
}

/** Every barrier row, whatever its outcome: after the retention no message is acted on that would need it. */
export const BARRIER_ROWS: ExpiringTable = {
  name: 'de_duplication',
  key: { tx_no: '?', scope: '?', attempt: '?' },
  time: 'create_time',
  index: 'create_time',
  where: 'TRUE',
};

/** Never a PENDING row, however old: its message is yet to be published. */
export const PUBLISHED_MESSAGES: ExpiringTable = {
  name: 'local_message',
  key: { id: 'CAST(? AS SIGNED)' },
  time: 'published_time',
  index: 'state_published_time',
  where: "state = 'PUBLISHED'",
};

/** Never a job that is under way, and never one that has failed: that one is for an operator. */
export const FINISHED_JOBS: ExpiringTable = {
  name: 'durable_job',
  key: { kind: '?', job_key: '?' },
  time: 'end_time',
  index: 'state_end_time',
  where: "state = 'DONE'",
};

/** The result of one batch. */
export interface PurgedBatch {
  /** How many rows. */
  readonly deleted: number;
  /** Where the next batch goes on; undefined when there is nothing more to delete now. */
  readonly next: string | undefined;
}

/**
 * The clocks of the database and of this process differ too much, so one of them is wrong. If it is the database's, rows
 * that are still needed may look old: nothing was deleted.
 */
export class ClocksDisagreeError extends TxMsgError {
  readonly code = 'TXMSG_CLOCKS_DISAGREE';

  constructor(readonly databaseIsAheadMs: number) {
    super(
      `The database's clock is ${Math.round(databaseIsAheadMs / 1000)} s ahead of this process' clock, more than ${CLOCK_MARGIN_MS / 1000} s either way; nothing is deleted until they agree. Correct the clock that is wrong.`,
    );
  }
}

/** Few enough that their locks are held for milliseconds. */
export const BATCH_SIZE = 500;
const BATCH_TIMEOUT_MS = 5000;

/**
 * Deletes the rows of one table that are older than `ageMs`, in short transactions that neither wait for other transactions
 * nor make them wait: locked rows are skipped (SKIP LOCKED), rows are deleted by primary key, and under READ COMMITTED no
 * gaps are locked, so that inserts go on. Any number may run at once.
 *
 * Neither statement may scan the table: a scan locks, or waits for, every row that it reads, and two scans deadlock. MySQL
 * chooses one when its statistics are old and say that the table is small. So the index of the selection is forced, and the
 * rows to delete are joined, in this order, to their primary keys; for `WHERE key IN (…)` MySQL scans even when the primary
 * key is forced.
 */
export class ExpiredRows {
  constructor(
    private readonly transactions: Pick<DatabaseTransactions, 'run'>,
    /** Whose rows. */
    readonly table: ExpiringTable,
    private readonly ageMs: number,
  ) {}

  /**
   * Deletes up to 500 rows, oldest first.
   *
   * @param from - `next` of the batch before. Deleted entries stay in the index until MySQL has cleaned it up; every
   *   batch that began at the front would walk over all that were deleted before it.
   * @throws ClocksDisagreeError, and errors of the database; nothing was deleted then
   */
  async deleteBatch(from: string | undefined): Promise<PurgedBatch> {
    return this.transactions.run(
      async ({ entityManager }) => {
        const now = await readCheckedClock(entityManager);
        const rows = await entityManager.query<Record<string, unknown>[]>(...this.selection(now, from));
        if (rows.length > 0) await this.deleteRows(entityManager, rows);
        const last = rows.length < BATCH_SIZE ? undefined : String(rows.at(-1)?.age);
        return { decision: 'COMMIT', value: { deleted: rows.length, next: last } };
      },
      { deadline: Deadline.in(BATCH_TIMEOUT_MS) },
    );
  }

  /**
   * For a table whose rows are found by another key than a PRIMARY one.
   * @param rows - the columns of the table's `key`, locked by this transaction; never empty
   */
  protected async deleteRows(
    entityManager: EntityManager,
    rows: readonly Readonly<Record<string, unknown>>[],
  ): Promise<void> {
    const { name, key } = this.table;
    const columns = Object.keys(key);
    await entityManager.query(
      `DELETE expired FROM ${valuesTable('chosen', key, rows.length)}
       STRAIGHT_JOIN ${name} expired FORCE INDEX (PRIMARY) USING (${columns.join(', ')})`,
      rows.flatMap((chosen) => columns.map((column) => chosen[column])),
    );
  }

  /** By the database's clock, which also wrote the times, at the moment when it was checked. As text, which is exact. */
  private selection(now: string, from: string | undefined): [string, unknown[]] {
    const { name, key, time, where, index } = this.table;
    return [
      `SELECT ${Object.keys(key).join(', ')}, CAST(${time} AS CHAR) AS age FROM ${name} FORCE INDEX (${index})
       WHERE ${where} AND ${time} < CAST(? AS DATETIME(3)) - INTERVAL ? MICROSECOND
         ${from === undefined ? '' : `AND ${time} >= ?`}
       ORDER BY ${time} LIMIT ${BATCH_SIZE} FOR UPDATE SKIP LOCKED`,
      [now, this.ageMs * 1000, ...(from === undefined ? [] : [from])],
    ];
  }
}

/** @throws ClocksDisagreeError */
async function readCheckedClock(entityManager: EntityManager): Promise<string> {
  const [row] = await entityManager.query<{ now: string; ms: string }[]>(
    `SELECT CAST(UTC_TIMESTAMP(3) AS CHAR) AS now,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000 AS ms`,
  );
  if (row === undefined) throw new Error('the database told no time');
  requireClocksAgree(Number(row.ms));
  return row.now;
}

/**
 * For whoever deletes rows by their age: refuses a time of the database's clock that is more than `CLOCK_MARGIN_MS` ahead of
 * or behind this process' clock.
 * @param databaseTimeMs - what the database's clock says now, in ms since 1970
 * @throws ClocksDisagreeError
 */
export function requireClocksAgree(databaseTimeMs: number): void {
  const aheadMs = databaseTimeMs - Date.now();
  if (Math.abs(aheadMs) > CLOCK_MARGIN_MS) throw new ClocksDisagreeError(aheadMs);
}
