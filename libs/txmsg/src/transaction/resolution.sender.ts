import { Logger } from '@nestjs/common';
import type { AttemptKey } from '../barrier/index.js';
import type { HalfMessage, TransactionResolution } from '../broker/index.js';
import { withDeadline } from '../deadline/index.js';
import type { FaultInjector } from '../faults/index.js';

/** The proxy forgets a transaction after about 30 s; a check-back comes sooner than that. */
const RESOLUTION_TIMEOUT_MS = 10_000;
/** For everything; a call that still hangs then is no longer waited for, so that it does not delay shutdown. */
const LIMIT_MS = 12_000;

/**
 * Sends the resolutions of half messages to the broker, in the background: the outcome is decided in the database, and when
 * a resolution is lost, the broker checks back.
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

  /** Resolves when nothing is being sent. */
  async idle(): Promise<void> {
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
        () => new Error(`the broker did not take it within ${LIMIT_MS} ms`),
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
