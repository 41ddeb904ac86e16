import { setTimeout as delay } from 'node:timers/promises';

/** How long and how often `eventually` tries. */
export interface EventuallyOptions {
  /** How long to go on trying, in ms. @default 120 000 */
  readonly timeoutMs?: number;
  /** Pause between two tries, in ms. @default 50 */
  readonly intervalMs?: number;
}

/**
 * A check that answers `undefined` has asserted something and is content. One that may answer something or `undefined`
 * has mostly read `x?.y` where there was no x yet, and would pass for that: the compiler refuses it.
 */
export type Decided<T> = undefined extends T
  ? [Exclude<T, void>] extends [never]
    ? unknown
    : never
  : unknown;

/**
 * Repeats `check` until it neither throws nor answers `false`, and returns what it answered. Tests poll with a
 * deadline instead of sleeping for a fixed time, so they are as fast as the machine and never fail on a slow one.
 * @throws an Error that carries the last failure as `cause` when the deadline has passed
 */
export async function eventually<T>(
  check: (() => T | Promise<T>) & Decided<T>,
  { timeoutMs = 120_000, intervalMs = 50 }: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const deadline = performance.now() + timeoutMs;
  let lastFailure: unknown;
  do {
    try {
      const answer = await check();
      if (answer !== false) return answer as Exclude<T, false>;
      lastFailure = new Error('the check answered false');
    } catch (error) {
      lastFailure = error;
    }
    await delay(intervalMs);
  } while (performance.now() < deadline);
  const detail = lastFailure instanceof Error ? lastFailure.message : String(lastFailure);
  throw new Error(`Still not so after ${timeoutMs} ms: ${detail}`, { cause: lastFailure });
}
