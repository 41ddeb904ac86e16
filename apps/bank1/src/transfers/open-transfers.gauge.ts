import { Injectable } from '@nestjs/common';
import { Readings, type Observation } from '@txmsg/service';
import { withConnection } from 'txmsg/building-blocks';
import { DataSource } from 'typeorm';

const OPEN = 'bank.transfers.open';
const OLDEST_AGE = 'bank.transfers.oldest_open.age';
/** More than so many are not counted; which is the oldest of them is then a guess, and no longer the question. */
const COUNT_MAX = 10_000;

/** How many transfers have not ended, and for how long the oldest has not. */
@Injectable()
export class OpenTransfersGauge {
  constructor(
    private readonly dataSource: DataSource,
    readings: Readings,
  ) {
    readings.observe({
      name: 'open-transfers',
      gauges: {
        [OPEN]: { description: `Transfers in state DEBITED, ${COUNT_MAX} at most.`, unit: '{transfer}' },
        [OLDEST_AGE]: { description: 'Age of the oldest of them; 0 without any.', unit: 's' },
      },
      read: (timeoutMs) => this.read(timeoutMs),
    });
  }

  /** The index is forced because MySQL scans a table that it believes to be small. */
  private async read(timeoutMs: number): Promise<Observation<typeof OPEN | typeof OLDEST_AGE>[]> {
    const [row] = await withConnection(this.dataSource, timeoutMs, (manager) =>
      manager.query<{ open: string; oldest: string | null }[]>(
        `SELECT /*+ MAX_EXECUTION_TIME(${Math.ceil(timeoutMs)}) */ COUNT(*) AS open,
           TIMESTAMPDIFF(MICROSECOND, MIN(create_time), UTC_TIMESTAMP(3)) / 1000000 AS oldest
         FROM (
           SELECT create_time FROM outgoing_transfer FORCE INDEX (state_next_check_at)
           WHERE state = 'DEBITED' ORDER BY next_check_at LIMIT ${COUNT_MAX}
         ) debited`,
      ),
    );
    return [
      { gauge: OPEN, value: Number(row?.open ?? 0) },
      { gauge: OLDEST_AGE, value: Math.max(0, Number(row?.oldest ?? 0)) },
    ];
  }
}
