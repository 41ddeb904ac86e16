import { LRUCache } from 'lru-cache';
import type { TransactionResolution } from '../broker/index.js';
import { InvalidArgumentError } from '../errors/index.js';

/** Enough for several minutes; forgetting an older one only means that its check-back handler is called once more. */
const RESOLUTIONS_MAX = 20_000;

/**
 * Remembers which resolution this process gave each half message, so that it never sends the other one: RocketMQ
 * delivers a message on COMMIT even after ROLLBACK (measured, 5.4.0). A resolution is final the moment it is decided,
 * before it is sent; UNKNOWN is never kept.
 */
export class ResolutionLedger {
  private readonly resolutions = new LRUCache<string, TransactionResolution>({ max: RESOLUTIONS_MAX });

  resolutionOf(messageId: string): TransactionResolution | undefined {
    return this.resolutions.get(messageId);
  }

  /** @throws InvalidArgumentError when the other resolution was decided before */
  decide(messageId: string, resolution: TransactionResolution): void {
    const decided = this.resolutions.get(messageId);
    if (decided === undefined) this.resolutions.set(messageId, resolution);
    else if (decided !== resolution) {
      throw new InvalidArgumentError(
        'resolution',
        resolution,
        `half message ${messageId} was already given ${decided}`,
      );
    }
  }
}
