import { LRUCache } from 'lru-cache';

/** Counters that are kept; the one that was unused for the longest time is forgotten first. */
const COUNTERS_MAX = 10_000;

type Failing = 'HANDLER' | 'ON_DEAD_LETTER';

/**
 * Counts in this process how often the handler, or `onDeadLetter`, failed on a message. The broker's own count of
 * deliveries is of no use here: it also grows while the database is away.
 */
export class HandlerFailures {
  private readonly counters = new LRUCache<string, number>({ max: COUNTERS_MAX });

  /** The number of failures including this one. */
  count(of: Failing, messageId: string): number {
    const key = keyOf(of, messageId);
    const count = (this.counters.get(key) ?? 0) + 1;
    this.counters.set(key, count);
    return count;
  }

  forget(messageId: string): void {
    this.counters.delete(keyOf('HANDLER', messageId));
    this.counters.delete(keyOf('ON_DEAD_LETTER', messageId));
  }
}

function keyOf(of: Failing, messageId: string): string {
  return `${of} ${messageId}`;
}
