/** A statement that MySQL has carried out, as its performance_schema remembers it. */
export interface StatementEvent {
  /** Of the connection. */
  readonly thread: number;
  readonly database: string;
  readonly text: string;
  readonly endMs: number;
}

const BEGINS = /^\s*(?:begin|start\s+transaction|xa\s+start)\b/i;
const ENDS = /^\s*(?:commit|rollback|xa\s+commit|xa\s+rollback)\b/i;
const LOCKS = /^\s*(?:insert|update|delete)\b|\bfor\s+update\b/i;

/**
 * How long rows of the table were locked, in ms, by database: from the end of the first statement of a transaction that locks
 * some of them, so that waiting for others does not count, to the end of its COMMIT. Transactions whose beginning or end is
 * missing do not count.
 * @param events - in the order in which each connection made them
 */
export function heldRows(events: Iterable<StatementEvent>, table: string): ReadonlyMap<string, number[]> {
  const held = new Map<string, number[]>();
  const lockedAt = new Map<number, number | undefined>();
  for (const { thread, database, text, endMs } of events) {
    if (BEGINS.test(text)) {
      lockedAt.set(thread, undefined);
    } else if (ENDS.test(text)) {
      const since = lockedAt.get(thread);
      lockedAt.delete(thread);
      if (since === undefined) continue;
      const ofDatabase = held.get(database) ?? [];
      held.set(database, ofDatabase);
      ofDatabase.push(endMs - since);
    } else if (lockedAt.has(thread) && text.includes(table) && LOCKS.test(text)) {
      lockedAt.set(thread, lockedAt.get(thread) ?? endMs);
    }
  }
  return held;
}
