import { Logger } from '@nestjs/common';
import type { AttemptKey } from '../barrier/index.js';
import type { HalfMessage, TransactionResolution } from '../broker/index.js';
import { withDeadline } from '../deadline/index.js';
import type { FaultInjector } from '../faults/index.js';

/** The proxy forgets a transaction after about 30 s; beyond this, check-back is quicker anyway. */
const RESOLUTION_TIMEOUT_MS = 10_000;
/** Longer than that; what still hangs then is let go of, so that shutdown need not wait for it. */
const LIMIT_MS = 12_000;

/**
 * Tells the broker the resolution of half messages, in the background: the caller's outcome is decided in the
 * database, and a resolution that is lost here is found by check-back.
 */
export class ResolutionSender {
  private readonly logger = new Logger(ResolutionSender.name);
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly faults: FaultInjector) {}

  send(halfMessage: HalfMessage, resolution: TransactionResolution, attempt: AttemptKey): void {
    const sending = this.trySend(halfMessage, resolution, attempt);
    this.underWay.add(sending);
    void sending.finally(() => this.underWay.delete(sending));
  }

  /** Resolves when nothing is being sent any more. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  private async trySend(
    halfMessage: HalfMessage,
    resolution: TransactionResolution,
    { txNo, attempt }: AttemptKey,
  ): Promise<void> {
    try {
      await withDeadline(
        this.tell(halfMessage, resolution, txNo),
        LIMIT_MS,
        () => new Error('it took too long'),
      );
      this.logger.debug({
        message: `half message ended with ${resolution}`,
        txNo,
        attempt,
        messageId: halfMessage.messageId,
      });
    } catch (error) {
      this.logger.warn({
        message: `${resolution} did not reach the broker for certain; check-back will finish the half message`,
        txNo,
        attempt,
        messageId: halfMessage.messageId,
        cause: String(error),
      });
    }
  }

  private async tell(
    halfMessage: HalfMessage,
    resolution: TransactionResolution,
    txNo: string,
  ): Promise<void> {
    await this.faults.at('resolution.before-send', { txNo });
    await halfMessage.end(resolution, RESOLUTION_TIMEOUT_MS);
    await this.faults.at('resolution.sent', { txNo });
  }
}
