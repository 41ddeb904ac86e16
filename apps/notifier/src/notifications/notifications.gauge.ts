import { Injectable } from '@nestjs/common';
import { observeOpenWork, Readings } from '@txmsg/service';
import { withConnection } from 'txmsg/building-blocks';
import { DataSource } from 'typeorm';

const GIVEN_UP = 'service.notifications.given_up';
/** More than so many are not counted. */
const COUNT_MAX = 10_000;

/** How many notifications have not ended, for how long the oldest has not, and how many were given up. */
@Injectable()
export class NotificationsGauge {
  constructor(
    private readonly dataSource: DataSource,
    readings: Readings,
  ) {
    observeOpenWork(readings, dataSource, {
      reading: 'open-notifications',
      metric: 'service.notifications',
      what: 'Notifications in state PENDING',
      unit: '{notification}',
      table: 'webhook_delivery',
      index: 'state_subscriber_claim_at',
      underWay: "state = 'PENDING'",
      // In the order of the index: sorting all that wait by their time alone would take longer than a scrape may.
      due: 'subscriber_id, claim_at',
      since: 'create_time',
    });
    const description = `Notifications in state GIVEN_UP, ${COUNT_MAX} at most.`;
    readings.observe({
      name: 'given-up-notifications',
      gauges: { [GIVEN_UP]: { description, unit: '{notification}' } },
      read: async (timeoutMs) => [{ gauge: GIVEN_UP, value: await this.countGivenUp(timeoutMs) }],
    });
  }

  private async countGivenUp(timeoutMs: number): Promise<number> {
    const [row] = await withConnection(this.dataSource, timeoutMs, (manager) =>
      manager.query<{ count: string }[]>(
        `SELECT /*+ MAX_EXECUTION_TIME(${Math.ceil(timeoutMs)}) */ COUNT(*) AS count FROM (
           SELECT 1 FROM webhook_delivery FORCE INDEX (state_end_time) WHERE state = 'GIVEN_UP' LIMIT ${COUNT_MAX}
         ) given_up`,
      ),
    );
    return Number(row?.count ?? 0);
  }
}
