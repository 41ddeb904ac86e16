import type { EntityManager } from 'typeorm';
import type { DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import type { Pause } from './pause.js';

const CLAIM_TIMEOUT_MS = 5000;
const CLAIM_MAX = 50;

/**
 * Where a service keeps what is under way. Names and conditions become part of SQL statements as they are: they are
 * constants of the code, never input.
 */
export interface UnderWayTable<Row extends object> {
  readonly name: string;
  /** What a claim reads. */
  readonly columns: readonly (keyof Row & string)[];
  /** One of the columns: a unique key of the table. */
  readonly key: keyof Row & string;
  /** SQL: true for what has not ended. */
  readonly underWay: string;
  /** DATETIME(3) in UTC: when a row is due. An insert sets it. */
  readonly due: string;
  /** Its columns are those of `underWay`, then `due`. */
  readonly index: string;
  /** DATETIME(3) in UTC: rows that are younger than so many ms are not due, whatever `due` says. @default none */
  readonly youngest?: { readonly column: string; readonly ms: number };
  /** When a claimed row is due again, should this round not end it. */
  readonly pause: (row: Row) => Pause;
}

/** A row that is this caller's until its pause is over. */
export interface DueRow<Row> {
  readonly row: Row;
  /** Its schedule has no further step: end it, since nobody will answer. A round that crashes repeats the last step. */
  readonly isLast: boolean;
}

/**
 * The rows of a table that have been under way for too long, for a service that asks the other side about them: what is
 * known there ends a row, what is not known is sent again (`TransactionTemplate.resendMessageInTransaction`). Any number of
 * instances may claim at the same time. A claim is no lock: it moves the due time on, and what the caller then does must be
 * guarded by the row's own state, because a slow caller's row is claimed again after its pause.
 *
 * Not guaranteed: that a row is claimed exactly when it is due; it is claimed by the first round after that.
 */
export class DueRows<Row extends object> {
  private readonly columns: string;

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly table: UnderWayTable<Row>,
  ) {
    this.columns = table.columns.join(', ');
  }

  /**
   * Claims up to 50 rows that are due, in a transaction of its own. The index is forced because MySQL scans a table that it
   * believes to be small, and a scan would lock every due row instead of the first 50.
   * @throws DatabaseUnavailableError, TransactionDeadlineError and what else `DatabaseTransactions.run` throws
   */
  claim(): Promise<DueRow<Row>[]> {
    const { name, underWay, due, index, youngest } = this.table;
    const isOldEnough =
      youngest === undefined ? 'TRUE' : `${youngest.column} <= UTC_TIMESTAMP(3) - INTERVAL ? MICROSECOND`;
    return this.transactions.run(
      async ({ entityManager }) => {
        const rows = await entityManager.query<Row[]>(
          `SELECT ${this.columns} FROM ${name} FORCE INDEX (${index})
           WHERE ${underWay} AND ${due} <= UTC_TIMESTAMP(3) AND ${isOldEnough}
           ORDER BY ${due} LIMIT ${CLAIM_MAX} FOR UPDATE SKIP LOCKED`,
          youngest === undefined ? [] : [youngest.ms * 1000],
        );
        return { decision: 'COMMIT', value: await this.postpone(rows, entityManager) };
      },
      { deadline: Deadline.in(CLAIM_TIMEOUT_MS) },
    );
  }

  /**
   * Claims this one, whether it is due or not.
   * @returns `ENDED` when it is not under way any more
   * @throws as `claim` does
   */
  claimOne(key: string): Promise<DueRow<Row> | 'ENDED' | 'NOT_FOUND'> {
    const { name, underWay, key: column } = this.table;
    return this.transactions.run<DueRow<Row> | 'ENDED' | 'NOT_FOUND'>(
      async ({ entityManager }) => {
        const [found] = await entityManager.query<(Row & { readonly is_under_way: unknown })[]>(
          `SELECT ${this.columns}, (${underWay}) AS is_under_way FROM ${name} WHERE ${column} = ? FOR UPDATE`,
          [key],
        );
        if (found === undefined) return { decision: 'ROLLBACK', value: 'NOT_FOUND' };
        if (Number(found.is_under_way) !== 1) return { decision: 'ROLLBACK', value: 'ENDED' };
        const [claimed] = await this.postpone([found], entityManager);
        return { decision: 'COMMIT', value: claimed ?? 'NOT_FOUND' };
      },
      { deadline: Deadline.in(CLAIM_TIMEOUT_MS) },
    );
  }

  /** One statement for all rows with the same pause. */
  private async postpone(rows: readonly Row[], manager: EntityManager): Promise<DueRow<Row>[]> {
    const { name, key, due, pause } = this.table;
    const claimed = rows.map((row) => ({ row, pause: pause(row) }));
    const keysByPause = new Map<number, unknown[]>();
    for (const one of claimed) {
      keysByPause.set(one.pause.ms, [...(keysByPause.get(one.pause.ms) ?? []), one.row[key]]);
    }
    for (const [ms, keys] of keysByPause) {
      await manager.query(
        `UPDATE ${name} SET ${due} = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND
         WHERE ${key} IN (${keys.map(() => '?').join(', ')})`,
        [Math.round(ms * 1000), ...keys],
      );
    }
    return claimed.map((one) => ({ row: one.row, isLast: one.pause.isLast ?? false }));
  }
}
