import type { EntityManager } from 'typeorm';
import { DEAD_LETTER_REASONS } from '../consumer/retry-policy.js';
import { ATTRIBUTE, OWN_ATTRIBUTE, OWN_METRIC } from '../telemetry/index.js';
import { COUNTED_MAX, type Reading, type ReadValue } from './reading.js';

export const OPEN_DEAD_LETTERS = `
  SELECT consumer_group AS consumerGroup, reason, COUNT(*) AS letters FROM (
    SELECT consumer_group, reason FROM dead_letter FORCE INDEX (state_create_time)
    WHERE state = 'OPEN' LIMIT ${COUNTED_MAX}
  ) AS counted
  GROUP BY consumer_group, reason`;

interface Row {
  readonly consumerGroup: string;
  readonly reason: string;
  readonly letters: number | string;
}

/** Open dead letters in the database, 0 where a group of this service has none. */
export class OpenDeadLettersReading implements Reading {
  readonly name = 'dead_letters';

  constructor(private readonly consumerGroups: readonly string[]) {}

  async read(entityManager: EntityManager): Promise<readonly ReadValue[]> {
    const rows = await entityManager.query<Row[]>(OPEN_DEAD_LETTERS);
    const none = this.consumerGroups.flatMap((consumerGroup) =>
      DEAD_LETTER_REASONS.map((reason): Row => ({ consumerGroup, reason, letters: 0 })),
    );
    const isRead = (one: Row): boolean =>
      rows.some((row) => row.consumerGroup === one.consumerGroup && row.reason === one.reason);
    return [...rows, ...none.filter((one) => !isRead(one))].map(({ consumerGroup, reason, letters }) => ({
      gauge: OWN_METRIC.deadLettersOpen,
      value: Number(letters),
      labels: { [ATTRIBUTE.consumerGroup]: consumerGroup, [OWN_ATTRIBUTE.reason]: reason },
    }));
  }
}
