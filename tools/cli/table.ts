/** A cell never breaks its row, and what a stranger sent never reaches the terminal as a control sequence. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\u{fffd}');
}

/** As `printable`, with line breaks and tabs as they are. */
export function printableLines(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/gu, '\u{fffd}');
}

/** Columns side by side, the last one cut to `lastWidthMax` characters. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  lastWidthMax = 80,
): string {
  const cells = [header, ...rows].map((row) =>
    row.map((cell, column) => cut(printable(cell), column === header.length - 1 ? lastWidthMax : Infinity)),
  );
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Names and values, one a line. */
export function list(entries: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`.trimEnd()).join('\n');
}

function cut(text: string, charactersMax: number): string {
  const characters = Array.from(text);
  return characters.length <= charactersMax ? text : `${characters.slice(0, charactersMax - 1).join('')}…`;
}
