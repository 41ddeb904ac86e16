import { LRUCache } from 'lru-cache';
import type { TransactionFate } from '../broker/index.js';
import { InvalidArgumentError } from '../errors/index.js';

interface Entry {
  readonly fate: TransactionFate;
  sentAtMs: number | undefined;
}

/** Enough for every half message of some minutes; a forgotten one is only asked about once more. */
const ENTRIES_MAX = 20_000;

/**
 * Remembers which fate this process gave each half message, so that it never sends the other one: RocketMQ
 * delivers a message on COMMIT even after ROLLBACK (measured, 5.4.0). A fate is final the moment it is decided,
 * before it is sent; UNKNOWN is never kept.
 */
export class FateLedger {
  private readonly entries = new LRUCache<string, Entry>({ max: ENTRIES_MAX });

  fateOf(messageId: string): TransactionFate | undefined {
    return this.entries.get(messageId)?.fate;
  }

  /** @throws InvalidArgumentError when the other fate was decided before */
  decide(messageId: string, fate: TransactionFate): void {
    const entry = this.entries.get(messageId);
    if (entry === undefined) this.entries.set(messageId, { fate, sentAtMs: undefined });
    else if (entry.fate !== fate) {
      throw new InvalidArgumentError(
        'fate',
        fate,
        `half message ${messageId} was already given ${entry.fate}`,
      );
    }
  }

  noteSent(messageId: string): void {
    const entry = this.entries.get(messageId);
    if (entry) entry.sentAtMs = performance.now();
  }

  wasSentWithin(messageId: string, periodMs: number): boolean {
    const sentAtMs = this.entries.get(messageId)?.sentAtMs;
    return sentAtMs !== undefined && performance.now() - sentAtMs < periodMs;
  }
}
