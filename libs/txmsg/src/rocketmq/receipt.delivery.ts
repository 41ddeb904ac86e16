import type { Delivery, IncomingMessage } from '../broker/index.js';
import { Deadline } from '../deadline/index.js';

/** The calls of its consumer that a delivery makes. */
export interface DeliveryCalls<Receipt> {
  acknowledge(receipt: Receipt, timeoutMs: number): Promise<void>;
  /** Resolves with the receipt that replaces the given one. */
  changeInvisibleDuration(receipt: Receipt, durationMs: number, timeoutMs: number): Promise<Receipt>;
}

/**
 * One delivery. A change of its invisible duration gives it another receipt, and only the newest one acknowledges it;
 * so its calls run one after another, each with the receipt of the call before. A change after the acknowledgement
 * would make RocketMQ deliver the message again (measured, 5.4.0); a late renewal therefore does nothing.
 * Test: receipt.delivery.spec.ts.
 */
export class ReceiptDelivery<Receipt> implements Delivery {
  private lastCall: Promise<unknown> | undefined;
  private isAcknowledged = false;

  constructor(
    readonly message: IncomingMessage,
    readonly deliveryAttempt: number,
    private receipt: Receipt,
    private readonly calls: DeliveryCalls<Receipt>,
  ) {}

  acknowledge(timeoutMs: number): Promise<void> {
    return this.inTurn(timeoutMs, async (remainingMs) => {
      if (this.isAcknowledged) return;
      await this.calls.acknowledge(this.receipt, remainingMs);
      this.isAcknowledged = true;
    });
  }

  changeInvisibleDuration(durationMs: number, timeoutMs: number): Promise<void> {
    return this.inTurn(timeoutMs, async (remainingMs) => {
      if (this.isAcknowledged) return;
      this.receipt = await this.calls.changeInvisibleDuration(this.receipt, durationMs, remainingMs);
    });
  }

  private inTurn(timeoutMs: number, call: (remainingMs: number) => Promise<void>): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    const { lastCall } = this;
    const turn = lastCall ? lastCall.then(() => call(deadline.remainingMs())) : call(timeoutMs);
    this.lastCall = turn.catch(() => undefined);
    return turn;
  }
}
