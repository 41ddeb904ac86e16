import type { DatabaseTransactions } from 'txmsg';
import { CLOCK_MARGIN_MS, ExpiredRows, RetentionJob } from 'txmsg/building-blocks';
import { ENDED_FENCES } from './fence.store.js';

/** How long fence rows are kept, and how often old ones are looked for. */
export interface FenceRetention {
  /** In ms. */
  readonly fenceRetentionMs: number;
  /** In ms; 0: never. */
  readonly retentionIntervalMs: number;
}

/**
 * Deletes the fence rows of branches that ended longer ago than the retention. Without its row a branch that the coordinator
 * asks to confirm once more is answered "retry", and a try that comes after its cancel is no longer refused: so the retention
 * must be longer than the coordinator may be away.
 */
export class FencePurge extends RetentionJob {
  constructor(transactions: Pick<DatabaseTransactions, 'run'>, retention: FenceRetention) {
    const ageMs = retention.fenceRetentionMs + CLOCK_MARGIN_MS;
    super([new ExpiredRows(transactions, ENDED_FENCES, ageMs)], retention.retentionIntervalMs);
  }
}
