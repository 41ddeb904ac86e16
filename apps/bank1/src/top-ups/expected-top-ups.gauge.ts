import { Injectable } from '@nestjs/common';
import { Readings, type Observation } from '@txmsg/service';
import { withConnection } from 'txmsg/building-blocks';
import { DataSource } from 'typeorm';
import { isTableMissing } from './top-up.table.js';

const EXPECTED = 'bank.top_ups.expected';
const OLDEST_AGE = 'bank.top_ups.oldest_expected.age';
/** More than so many are not counted; which is the oldest of them is then a guess. */
const COUNT_MAX = 10_000;

/** How many top-ups were promised and nobody has told of, and for how long the oldest was not. */
@Injectable()
export class ExpectedTopUpsGauge {
  constructor(
    private readonly dataSource: DataSource,
    readings: Readings,
  ) {
    readings.observe({
      name: 'expected-top-ups',
      gauges: {
        [EXPECTED]: { description: `Top-ups in state EXPECTED, ${COUNT_MAX} at most.`, unit: '{top_up}' },
        [OLDEST_AGE]: { description: 'Age of the oldest of them; 0 without any.', unit: 's' },
      },
      read: (timeoutMs) => this.read(timeoutMs),
    });
  }

  /** The index is forced because MySQL scans a table that it believes to be small. */
  private async read(timeoutMs: number): Promise<Observation<typeof EXPECTED | typeof OLDEST_AGE>[]> {
    try {
      const [row] = await withConnection(this.dataSource, timeoutMs, (manager) =>
        manager.query<{ expected: string; oldest: string | null }[]>(
          `SELECT /*+ MAX_EXECUTION_TIME(${Math.ceil(timeoutMs)}) */ COUNT(*) AS expected,
             TIMESTAMPDIFF(MICROSECOND, MIN(create_time), UTC_TIMESTAMP(3)) / 1000000 AS oldest
           FROM (
             SELECT create_time FROM top_up FORCE INDEX (state_next_check_at)
             WHERE state = 'EXPECTED' ORDER BY next_check_at LIMIT ${COUNT_MAX}
           ) expected`,
        ),
      );
      return [
        { gauge: EXPECTED, value: Number(row?.expected ?? 0) },
        { gauge: OLDEST_AGE, value: Math.max(0, Number(row?.oldest ?? 0)) },
      ];
    } catch (error) {
      // A database of an earlier version, which knows no top-ups.
      if (isTableMissing(error)) return [];
      throw error;
    }
  }
}
