import { LRUCache } from 'lru-cache';
import type { TransactionFate } from '../broker/index.js';
import { InvalidArgumentError } from '../errors/index.js';

/** Enough for every half message of some minutes; a forgotten one is only asked about once more. */
const FATES_MAX = 20_000;

/**
 * Remembers which fate this process gave each half message, so that it never sends the other one: RocketMQ
 * delivers a message on COMMIT even after ROLLBACK (measured, 5.4.0). A fate is final the moment it is decided,
 * before it is sent; UNKNOWN is never kept.
 */
export class FateLedger {
  private readonly fates = new LRUCache<string, TransactionFate>({ max: FATES_MAX });

  fateOf(messageId: string): TransactionFate | undefined {
    return this.fates.get(messageId);
  }

  /** @throws InvalidArgumentError when the other fate was decided before */
  decide(messageId: string, fate: TransactionFate): void {
    const decided = this.fates.get(messageId);
    if (decided === undefined) this.fates.set(messageId, fate);
    else if (decided !== fate) {
      throw new InvalidArgumentError('fate', fate, `half message ${messageId} was already given ${decided}`);
    }
  }
}
