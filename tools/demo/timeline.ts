import type { Terminal } from './terminal.js';

/** That of `bank1`. */
const WHO_WIDTH_MIN = 5;

/** Something that happened. Without a time it is known to have happened, but nothing recorded when. */
export interface TimelineEntry {
  readonly atMs: number | undefined;
  /** `you`, or the service. */
  readonly who: string;
  readonly what: string;
}

/**
 * The entries in the order of their times, each with the time since `startMs`. One without a time stays behind
 * the entry that it was given after.
 */
export function renderTimeline(
  terminal: Terminal,
  startMs: number,
  entries: readonly TimelineEntry[],
): string[] {
  const width = Math.max(WHO_WIDTH_MIN, ...entries.map(({ who }) => who.length));
  return inOrder(startMs, entries).map(({ atMs, who, what }) => {
    const time = atMs === undefined ? '?' : String(Math.max(0, atMs - startMs));
    return `  ${terminal.paint('dim', `${time.padStart(7)} ms`)}  ${terminal.paint('cyan', who.padEnd(width))}  ${what}`;
  });
}

function inOrder(startMs: number, entries: readonly TimelineEntry[]): TimelineEntry[] {
  let last = startMs;
  const keyed = entries.map((entry) => {
    last = entry.atMs ?? last;
    return { key: last, entry };
  });
  return keyed.sort((a, b) => a.key - b.key).map(({ entry }) => entry);
}
