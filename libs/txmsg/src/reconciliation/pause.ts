import { InvalidArgumentError } from '../errors/index.js';

/** When a row that was looked up is due again. */
export interface Pause {
  readonly ms: number;
  /** Nobody will answer about it any more: the round that it is claimed for must end it. @default false */
  readonly isLast?: boolean;
}

/**
 * The pause doubles each time, up to a longest one; it never gives up.
 * @param firstMs - before the second time
 * @param maxMs - the longest pause
 */
export function backOff(firstMs: number, maxMs: number): (times: number) => Pause {
  // Far enough to reach any maximum, and not so far that the power is no number any more.
  return (times) => ({ ms: Math.min(maxMs, firstMs * 2 ** Math.min(times, 30)) });
}

/**
 * These pauses, one after another, for a receiver that need not ever answer; after the last one comes the last round.
 * @param pausesMs - at least one, each in ms
 * @throws InvalidArgumentError when there is none
 */
export function ladder(pausesMs: readonly number[]): (times: number) => Pause {
  const lastMs = pausesMs.at(-1);
  if (lastMs === undefined)
    throw new InvalidArgumentError('pausesMs', pausesMs, 'a ladder has at least one pause, in ms');
  return (times) => ({ ms: pausesMs[times] ?? lastMs, isLast: times >= pausesMs.length });
}
