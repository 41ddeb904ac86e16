import { isLosslessNumber } from 'lossless-json';

/**
 * The text of a JSON value as the sender wrote it: a string as it is, a number by its source text. A 19-digit
 * snowflake id or a large amount would lose digits as a JavaScript number.
 *
 * The value comes from txmsg's lossless JSON parser, which hands out a JavaScript number only when that number
 * prints the source text exactly, and a `LosslessNumber` otherwise. Undefined for anything else.
 */
export function exactText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return exactNumberText(value);
}

/** The same for numbers alone. */
export function exactNumberText(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return isLosslessNumber(value) ? value.toString() : undefined;
}
