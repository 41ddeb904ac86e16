import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { IncomingMessage } from '../broker/index.js';

/** Counters that are kept; the one that was unused for the longest time is forgotten first. */
const COUNTERS_MAX = 10_000;

type Failing = 'HANDLER' | 'ON_DEAD_LETTER';
type FailedMessage = Pick<IncomingMessage, 'messageId' | 'body'>;

/**
 * Counts in this process how often the handler, or `onDeadLetter`, failed on a message. The broker's own count of
 * deliveries is of no use here: it also grows while the database is away. Messages are told apart by id and body, since
 * senders may give one id to two of them, or none.
 */
export class HandlerFailures {
  private readonly counters = new LRUCache<string, number>({ max: COUNTERS_MAX });

  /** The number of failures including this one. */
  count(of: Failing, message: FailedMessage): number {
    const key = keyOf(of, message);
    const count = (this.counters.get(key) ?? 0) + 1;
    this.counters.set(key, count);
    return count;
  }

  forget(message: FailedMessage): void {
    this.counters.delete(keyOf('HANDLER', message));
    this.counters.delete(keyOf('ON_DEAD_LETTER', message));
  }
}

function keyOf(of: Failing, { messageId, body }: FailedMessage): string {
  return createHash('sha256').update(`${of}\n${messageId}\n`).update(body).digest('base64');
}
