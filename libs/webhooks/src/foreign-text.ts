/** Where a statement has a text that others chose, given as `foreignText`. NULL stays NULL. */
export const FOREIGN_TEXT = 'CONVERT(? USING utf8mb4)';

/**
 * As its bytes, which the driver writes in hexadecimal. Between quotes, a backslash escapes a quote only as long as no
 * handler has set `sql_mode`, and whatever it set stays on the connection.
 */
export function foreignText(text: string): Buffer {
  return Buffer.from(text);
}
