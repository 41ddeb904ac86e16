/** A whole number of seconds; more digits than anybody means are a mistake. */
const SECONDS = /^\d{1,10}$/;
/** The one form of a date that HTTP's senders may write: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * What a `Retry-After` asks for, in ms from `now`, never more than `maxMs`; undefined when there is none, or it cannot be read.
 */
export function retryAfterMs(header: unknown, now: Date, maxMs: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const text = header.trim();
  const ms = SECONDS.test(text)
    ? Number(text) * 1000
    : HTTP_DATE.test(text)
      ? Date.parse(text) - now.getTime()
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(maxMs, Math.max(0, ms));
}
