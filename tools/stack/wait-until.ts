import { setTimeout as sleep } from 'node:timers/promises';
import { StackError } from './stack-error.js';

export interface WaitOptions {
  /** Ends the sentence "… did not happen within 60 s" with where to look. */
  readonly hint?: string;
  readonly deadlineMs: number;
  readonly intervalMs?: number;
}

/**
 * Asks `probe` until it says true. A probe that throws has not succeeded *yet*; its last error is the cause of
 * the failure. A `StackError` from the probe ends the wait at once: waiting longer would not help.
 */
export async function waitUntil(
  what: string,
  { hint = '', deadlineMs, intervalMs = 100 }: WaitOptions,
  probe: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  let cause: unknown;
  do {
    try {
      if (await probe()) return;
    } catch (error) {
      if (error instanceof StackError) throw error;
      cause = error;
    }
    await sleep(intervalMs);
  } while (performance.now() < deadline);
  const last = cause instanceof Error ? ` Last error: ${cause.message}` : '';
  throw new StackError(`${what} did not happen within ${deadlineMs / 1000} s.${last}${hint && ` ${hint}`}`, {
    cause,
  });
}
