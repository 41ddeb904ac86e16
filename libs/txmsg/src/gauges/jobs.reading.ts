import type { EntityManager } from 'typeorm';
import { OWN_ATTRIBUTE, OWN_METRIC } from '../telemetry/index.js';
import { COUNTED_MAX, type Reading, type ReadValue } from './reading.js';

export const JOBS_IN_STATE = `
  SELECT COUNT(*) AS jobs FROM (
    SELECT 1 FROM durable_job FORCE INDEX (state_kind_next_run_at)
    WHERE state = ? AND kind = ? LIMIT ${COUNTED_MAX}
  ) AS counted`;

/** How many jobs are under way, and how many wait for an operator. */
export class JobsReading implements Reading {
  readonly name = 'jobs';

  constructor(private readonly kinds: readonly string[]) {}

  async read(entityManager: EntityManager): Promise<readonly ReadValue[]> {
    const values: ReadValue[] = [];
    for (const kind of this.kinds) {
      for (const state of ['PENDING', 'FAILED']) {
        const [row] = await entityManager.query<{ readonly jobs: number | string }[]>(JOBS_IN_STATE, [
          state,
          kind,
        ]);
        const labels = { [OWN_ATTRIBUTE.jobKind]: kind, [OWN_ATTRIBUTE.state]: state };
        values.push({ gauge: OWN_METRIC.jobs, value: Number(row?.jobs ?? 0), labels });
      }
    }
    return values;
  }
}
