import type { MessageHead } from './message.js';

/** The largest number of ms, either way, that a `Date` can hold. */
const DATE_MAX_MS = 8.64e15;

/**
 * A time that a sender chose, out of 64 bits: what no `Date` can hold counts as not told, since whoever turns it into text
 * would throw.
 */
export function bornAtMsOf(ms: unknown): number | undefined {
  return typeof ms === 'number' && Math.abs(ms) <= DATE_MAX_MS ? ms : undefined;
}

/** Tells the consumer of a message that is sent again since when it may have been sent. Part of the wire format. */
const PROPERTY = 'txmsg-first-sent-at';

/** @param atMs - in ms since the epoch; undefined for a message that cannot have been sent before */
export function firstSentProperty(atMs: number | undefined): Readonly<Record<string, string>> {
  return atMs === undefined ? {} : { [PROPERTY]: String(atMs) };
}

/**
 * Since when a consumer may have known this message, in ms since the epoch: its barrier row may be as old as that. Undefined
 * when the sender told no time.
 */
export function firstSentAtMs({ bornAtMs, properties }: MessageHead): number | undefined {
  const firstMs = bornAtMsOf(Number(properties[PROPERTY]));
  if (firstMs === undefined || !Number.isSafeInteger(firstMs) || firstMs <= 0) return bornAtMs;
  return bornAtMs === undefined ? firstMs : Math.min(bornAtMs, firstMs);
}
