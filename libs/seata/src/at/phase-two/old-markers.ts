import { Deadline, type DatabaseTransactions } from 'txmsg';
import { CLOCK_MARGIN_MS, ExpiredRows, type PurgedBatch } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { MARKER_STATUS, OLD_MARKERS, undoLogStore } from '../undo/undo-log.store.js';

/** Few enough that their locks are held for milliseconds. */
const BATCH_SIZE = 500;
const BATCH_TIMEOUT_MS = 5000;

const CLOCK = `SELECT CAST(UTC_TIMESTAMP(3) AS CHAR) AS now,
  TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000 AS ms`;

/**
 * Deletes old markers as ExpiredRows deletes rows, but by (xid, branch_id): that one needs a PRIMARY KEY, which the table of
 * Seata's own script has not.
 */
export class OldMarkers extends ExpiredRows {
  constructor(
    private readonly database: Pick<DatabaseTransactions, 'run'>,
    private readonly markerAgeMs: number,
  ) {
    super(database, OLD_MARKERS, markerAgeMs);
  }

  /** @throws Error when the clocks disagree, and errors of the database; nothing was deleted then */
  override deleteBatch(from: string | undefined): Promise<PurgedBatch> {
    return this.database.run(
      async ({ entityManager }) => {
        const now = await checkedClock(entityManager);
        const age = { now, ageMs: this.markerAgeMs, from, rowsMax: BATCH_SIZE };
        const rows = await undoLogStore.lockOldMarkers(entityManager, age);
        await undoLogStore.deleteAll(entityManager, rows, MARKER_STATUS);
        const next = rows.length < BATCH_SIZE ? undefined : rows.at(-1)?.age;
        return { decision: 'COMMIT', value: { deleted: rows.length, next } };
      },
      { deadline: Deadline.in(BATCH_TIMEOUT_MS) },
    );
  }
}

async function checkedClock(manager: EntityManager): Promise<string> {
  const [row] = await manager.query<{ now: string; ms: string }[]>(CLOCK);
  if (row === undefined) throw new Error('the database told no time');
  const aheadMs = Number(row.ms) - Date.now();
  if (Math.abs(aheadMs) <= CLOCK_MARGIN_MS) return row.now;
  throw new Error(
    `the database's clock is ${Math.round(aheadMs / 1000)} s ahead of this process' clock; no marker is deleted until they agree`,
  );
}
