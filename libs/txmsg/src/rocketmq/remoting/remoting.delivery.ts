import type { Delivery, IncomingMessage } from '../../broker/index.js';
import { Deadline } from '../../deadline/index.js';
import type { PopReceipt } from './pop-receipt.js';

/** What a delivery needs of its consumer. */
export interface DeliveryCalls {
  acknowledge(receipt: PopReceipt, timeoutMs: number): Promise<void>;
  changeInvisibleTime(receipt: PopReceipt, durationMs: number, timeoutMs: number): Promise<PopReceipt>;
}

/**
 * One delivery. Another invisible time gives it another receipt, and only the newest one acknowledges it; so its
 * calls run one after another, each with the receipt that the one before left. After an acknowledgement another
 * invisible time would bring the message back; a late renewal therefore does nothing.
 */
export class RemotingDelivery implements Delivery {
  private lastCall: Promise<unknown> | undefined;
  private isAcknowledged = false;

  constructor(
    readonly message: IncomingMessage,
    readonly deliveryAttempt: number,
    private receipt: PopReceipt,
    private readonly calls: DeliveryCalls,
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
      this.receipt = await this.calls.changeInvisibleTime(this.receipt, durationMs, remainingMs);
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
