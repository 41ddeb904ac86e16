import type { EntityManager } from 'typeorm';
import { CLAIM_INDEX } from '../outbox/index.js';
import { ATTRIBUTE, OWN_METRIC } from '../telemetry/index.js';
import { COUNTED_MAX, type Reading, type ReadValue } from './reading.js';

/** From the index alone, but for the one row whose age is told. Ids are given in the order of insertion. */
export const BACKLOG = `
  SELECT backlog.pending, TIMESTAMPDIFF(MICROSECOND, oldest.create_time, UTC_TIMESTAMP(3)) AS age
  FROM (
    SELECT COUNT(*) AS pending, MIN(id) AS oldest_id FROM (
      SELECT id FROM local_message FORCE INDEX (${CLAIM_INDEX})
      WHERE state = 'PENDING' AND topic = ? ORDER BY next_attempt_at LIMIT ${COUNTED_MAX}
    ) AS counted
  ) AS backlog
  LEFT JOIN local_message AS oldest ON oldest.id = backlog.oldest_id`;

/** How many rows of the outbox wait to be published, and for how long. */
export class OutboxBacklogReading implements Reading {
  readonly name = 'outbox';

  constructor(private readonly topics: readonly string[]) {}

  async read(entityManager: EntityManager): Promise<readonly ReadValue[]> {
    const values: ReadValue[] = [];
    for (const topic of this.topics) {
      const [row] = await entityManager.query<
        { readonly pending: number | string; readonly age: number | string | null }[]
      >(BACKLOG, [topic]);
      const labels = { [ATTRIBUTE.destination]: topic };
      const ageS = Math.max(0, Number(row?.age ?? 0) / 1_000_000);
      values.push({ gauge: OWN_METRIC.outboxPending, value: Number(row?.pending ?? 0), labels });
      values.push({ gauge: OWN_METRIC.outboxOldestAge, value: ageS, labels });
    }
    return values;
  }
}
