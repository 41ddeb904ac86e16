import type { CallResult } from '../call/call-result.js';
import { retryAfterMs } from '../call/retry-after.js';

/** Why a delivery was given up. */
export const GIVEN_UP_REASONS = ['LADDER_OVER', 'GONE', 'SUBSCRIBER_OFF'] as const;
/** One of `GIVEN_UP_REASONS`. */
export type GivenUpReason = (typeof GIVEN_UP_REASONS)[number];

/** The pauses between calls. */
export interface Ladder {
  /** In seconds: after the first call that fails the first one, and so on; after a failure past the last one it is over. */
  readonly pausesSeconds: readonly number[];
  /** By which part of it each pause may be longer or shorter: 0 to 0.5. */
  readonly jitter: number;
}

/** Where a delivery stands when a call has ended. */
export interface CallMoment {
  /** The calls since it was enqueued or re-driven, with this one. */
  readonly calls: number;
  /** When this call began: pauses are counted from there. */
  readonly callTime: Date;
  readonly now: Date;
}

/** What becomes of a delivery after a call. */
export type Verdict =
  | { readonly state: 'ACKNOWLEDGED' }
  | { readonly state: 'GIVEN_UP'; readonly reason: GivenUpReason }
  | { readonly state: 'PENDING'; readonly dueAt: Date };

export interface VerdictOptions {
  readonly retryAfterMaxMs: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** A receiver that asks for more time by `Retry-After` gets it, within bounds; it cannot shorten a pause. */
export function verdictOf(
  { outcome, retryAfter }: Pick<CallResult, 'outcome' | 'retryAfter'>,
  { calls, callTime, now }: CallMoment,
  ladder: Ladder,
  { retryAfterMaxMs, random }: VerdictOptions,
): Verdict {
  if (outcome === 'ACKNOWLEDGED') return { state: 'ACKNOWLEDGED' };
  if (outcome === 'GONE') return { state: 'GIVEN_UP', reason: 'GONE' };
  const pauseSeconds = ladder.pausesSeconds[calls - 1];
  if (pauseSeconds === undefined) return { state: 'GIVEN_UP', reason: 'LADDER_OVER' };
  const pauseMs = Math.round(pauseSeconds * 1000 * (1 + ladder.jitter * (2 * random() - 1)));
  const asked = retryAfterMs(retryAfter, now, retryAfterMaxMs);
  const byLadder = callTime.getTime() + pauseMs;
  const dueAtMs = asked === undefined ? byLadder : Math.max(byLadder, now.getTime() + asked);
  return { state: 'PENDING', dueAt: new Date(dueAtMs) };
}
