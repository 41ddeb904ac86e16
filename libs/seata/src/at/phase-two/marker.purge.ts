import type { DatabaseTransactions } from 'txmsg';
import { CLOCK_MARGIN_MS, RetentionJob } from 'txmsg/building-blocks';
import { OLD_MARKERS } from '../undo/undo-log.store.js';
import { OldMarkers } from './old-markers.js';

/** How long markers are kept, and how often old ones are looked for. */
export interface MarkerRetention {
  /** In ms. */
  readonly markerRetentionMs: number;
  /** In ms; 0: never. */
  readonly markerPurgeIntervalMs: number;
}

/**
 * Deletes the markers of branches that were rolled back longer ago than the retention. An undo log is never deleted by its age:
 * what it can undo is still open.
 */
export class MarkerPurge extends RetentionJob {
  constructor(transactions: Pick<DatabaseTransactions, 'run'>, retention: MarkerRetention) {
    const ageMs = retention.markerRetentionMs + CLOCK_MARGIN_MS;
    super([new OldMarkers(transactions, OLD_MARKERS, ageMs)], retention.markerPurgeIntervalMs);
  }
}
