/** How much of a stranger's text goes into an error, and so into logs and dead letters. */
const QUOTED_CHARACTERS_MAX = 200;

/** Cuts by characters, never through a surrogate pair; the work does not grow with what is cut off. */
export function cutText(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  // No character has more than two code units.
  return Array.from(text.slice(0, 2 * charactersMax))
    .slice(0, charactersMax)
    .join('');
}

/** The beginning of `text`, and that it goes on. */
export function excerpt(text: string, charactersMax = QUOTED_CHARACTERS_MAX): string {
  return text.length <= charactersMax ? text : `${cutText(text, charactersMax)}…`;
}

/** A value as JSON, for an error message. */
export function quoted(value: unknown): string {
  const json = JSON.stringify(typeof value === 'string' ? excerpt(value) : value) as string | undefined;
  return excerpt(json ?? String(value));
}
