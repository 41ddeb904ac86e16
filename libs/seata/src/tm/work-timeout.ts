/** What a global transaction's timeout may be, in ms. */
export const GLOBAL_TIMEOUT_RANGE = { min: 1000, max: 3_600_000 } as const;

/**
 * How long the work may take of a global transaction that the coordinator rolls back after `timeoutMs`: a tenth less, so that
 * the commit arrives before the rollback begins.
 */
export function workTimeoutMs(timeoutMs: number): number {
  return timeoutMs - Math.min(5000, Math.max(200, timeoutMs / 10));
}
