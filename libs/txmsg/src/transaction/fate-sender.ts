import { Logger } from '@nestjs/common';
import type { HalfMessage, TransactionFate } from '../broker/index.js';
import type { FaultInjector } from '../faults/index.js';

/** The proxy forgets a transaction after about 30 s; beyond this, check-back is quicker anyway. */
const FATE_TIMEOUT_MS = 10_000;

/**
 * Tells the broker the fate of half messages, in the background: the caller's outcome is decided in the
 * database, and a fate that is lost here is found by check-back.
 */
export class FateSender {
  private readonly logger = new Logger(FateSender.name);
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly faults: FaultInjector) {}

  send(halfMessage: HalfMessage, fate: TransactionFate, txNo: string): void {
    const sending = this.trySend(halfMessage, fate, txNo);
    this.underWay.add(sending);
    void sending.finally(() => this.underWay.delete(sending));
  }

  /** Resolves when nothing is being sent any more. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  private async trySend(halfMessage: HalfMessage, fate: TransactionFate, txNo: string): Promise<void> {
    try {
      await this.faults.at('fate.before-send', { txNo });
      await halfMessage.end(fate, FATE_TIMEOUT_MS);
      await this.faults.at('fate.sent', { txNo });
      this.logger.debug({
        message: `half message ended with ${fate}`,
        txNo,
        messageId: halfMessage.messageId,
      });
    } catch (error) {
      this.logger.warn({
        message: `${fate} did not reach the broker for certain; check-back will finish the half message`,
        txNo,
        messageId: halfMessage.messageId,
        cause: String(error),
      });
    }
  }
}
