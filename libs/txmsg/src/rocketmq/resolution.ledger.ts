import { LRUCache } from 'lru-cache';
import { ATTEMPT_PROPERTY, type MessageHead, type TransactionResolution } from '../broker/index.js';
import { InvalidArgumentError } from '../errors/index.js';

/** Enough for several minutes; forgetting an older one only means that its check-back handler is called once more. */
const RESOLUTIONS_MAX = 20_000;

/** What tells one half message from another. Its id alone is chosen by the sender: a stranger may have copied it. */
export type HalfMessageIdentity = Pick<MessageHead, 'messageId' | 'properties'>;

export function halfMessageKey({ messageId, properties }: HalfMessageIdentity): string {
  return `${messageId} ${properties[ATTEMPT_PROPERTY] ?? ''}`;
}

/**
 * Remembers which resolution this process gave each half message, so that it never sends the other one: RocketMQ
 * delivers a message on COMMIT even after ROLLBACK (measured, 5.4.0). A resolution is final the moment it is decided,
 * before it is sent; UNKNOWN is never kept.
 */
export class ResolutionLedger {
  private readonly resolutions = new LRUCache<string, TransactionResolution>({ max: RESOLUTIONS_MAX });

  resolutionOf(half: HalfMessageIdentity): TransactionResolution | undefined {
    return this.resolutions.get(halfMessageKey(half));
  }

  /** @throws InvalidArgumentError when the other resolution was decided before */
  decide(half: HalfMessageIdentity, resolution: TransactionResolution): void {
    const decided = this.resolutionOf(half);
    if (decided === undefined) this.resolutions.set(halfMessageKey(half), resolution);
    else if (decided !== resolution) {
      throw new InvalidArgumentError(
        'resolution',
        resolution,
        `half message ${half.messageId} was already given ${decided}`,
      );
    }
  }
}
