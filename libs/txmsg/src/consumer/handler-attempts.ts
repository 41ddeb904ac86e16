import { LRUCache } from 'lru-cache';

/** Messages whose failures are remembered; the longest untouched is forgotten first. */
const MESSAGES_MAX = 10_000;

/**
 * Counts how often the handler failed on a message in this process. The broker's own delivery count is no use
 * here: it also counts deliveries that a database outage made fruitless.
 */
export class HandlerAttempts {
  private readonly failures = new LRUCache<string, number>({ max: MESSAGES_MAX });

  /** The number of failures including this one. */
  fail(messageId: string): number {
    const count = (this.failures.get(messageId) ?? 0) + 1;
    this.failures.set(messageId, count);
    return count;
  }

  forget(messageId: string): void {
    this.failures.delete(messageId);
  }
}
