import { withConnection } from 'txmsg/building-blocks';
import type { DataSource } from 'typeorm';
import type { Readings } from './readings.js';

/** More than so many are not counted; which is the oldest of them is then a guess, and no longer the question. */
const COUNT_MAX = 10_000;

/**
 * Where a service keeps what has not ended. Names and conditions become part of SQL statements as they are: they are
 * constants of the code, never input.
 */
export interface OpenWork {
  /** Names the reading. */
  readonly reading: string;
  /** Begins the names of both gauges: `<metric>.open` and `<metric>.oldest_open.age`. */
  readonly metric: string;
  /** What is counted, in words and as a unit, such as `{job}`. */
  readonly what: string;
  readonly unit: string;
  readonly table: string;
  /** Of the columns of `underWay`, then `due`. Forced because MySQL scans a table that it believes to be small. */
  readonly index: string;
  /** SQL: true for what has not ended. */
  readonly underWay: string;
  /** DATETIME(3) in UTC: when a row is looked at next; the oldest of very many are found by it. */
  readonly due: string;
  /** DATETIME(3) in UTC: when it began. */
  readonly since: string;
  /** Whether a failure says that there is nothing to count here; it is no failed reading then. @default never */
  readonly isAbsent?: (error: unknown) => boolean;
}

/** How much has not ended, and for how long the oldest has not: two gauges, read when somebody scrapes. */
export function observeOpenWork(readings: Readings, dataSource: DataSource, work: OpenWork): void {
  const { metric, what, unit, table, index, underWay, due, since, isAbsent = () => false } = work;
  const [open, oldest] = [`${metric}.open`, `${metric}.oldest_open.age`];
  readings.observe({
    name: work.reading,
    gauges: {
      [open]: { description: `${what}, ${COUNT_MAX} at most.`, unit },
      [oldest]: { description: 'Age of the oldest of them; 0 without any.', unit: 's' },
    },
    read: async (timeoutMs) => {
      const rows = await withConnection(dataSource, timeoutMs, (manager) =>
        manager.query<{ open: string; oldest: string | null }[]>(
          `SELECT /*+ MAX_EXECUTION_TIME(${Math.ceil(timeoutMs)}) */ COUNT(*) AS open,
             TIMESTAMPDIFF(MICROSECOND, MIN(began), UTC_TIMESTAMP(3)) / 1000000 AS oldest
           FROM (
             SELECT ${since} AS began FROM ${table} FORCE INDEX (${index})
             WHERE ${underWay} ORDER BY ${due} LIMIT ${COUNT_MAX}
           ) under_way`,
        ),
      ).catch((error: unknown) => {
        if (isAbsent(error)) return undefined;
        throw error;
      });
      if (rows === undefined) return [];
      const [row] = rows;
      return [
        { gauge: open, value: Number(row?.open ?? 0) },
        { gauge: oldest, value: Math.max(0, Number(row?.oldest ?? 0)) },
      ];
    },
  });
}
