import { inspect } from 'node:util';

/** How much of a text that others sent goes into an error, and so into logs and dead letters. */
const QUOTED_CHARACTERS_MAX = 200;

/** Cuts by characters, never through a surrogate pair; the work does not grow with what is cut off. */
export function cutText(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  // No character has more than two code units.
  return Array.from(text.slice(0, 2 * charactersMax))
    .slice(0, charactersMax)
    .join('');
}

/** The beginning of `text`, with `…` when it was cut. */
export function excerpt(text: string, charactersMax = QUOTED_CHARACTERS_MAX): string {
  return text.length <= charactersMax ? text : `${cutText(text, charactersMax)}…`;
}

/** A value, whatever it is, for an error message: JSON.stringify throws at a bigint and at a cycle. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(excerpt(value));
  return excerpt(inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: QUOTED_CHARACTERS_MAX }));
}
