import type { Delivery, IncomingMessage } from '../../broker/index.js';
import { Deadline } from '../../deadline/index.js';
import type { DeliveryReceipt } from './consumer.client.js';

/** What a delivery needs of its consumer. */
export interface DeliveryActions {
  acknowledge(receipt: DeliveryReceipt, timeoutMs: number): Promise<void>;
  hide(receipt: DeliveryReceipt, durationMs: number, timeoutMs: number): Promise<DeliveryReceipt>;
}

/**
 * One delivery. Hiding it longer gives it another receipt, and only the newest one acknowledges it; so its calls
 * run one after another, each with the receipt that the one before left. Hiding an acknowledged message would
 * bring it back (measured, RocketMQ 5.4.0); a late renewal therefore does nothing.
 * Test: rocketmq.delivery.spec.ts.
 */
export class RocketmqDelivery implements Delivery {
  private lastCall: Promise<unknown> = Promise.resolve();
  private acknowledged = false;

  constructor(
    readonly message: IncomingMessage,
    readonly deliveryAttempt: number,
    private receipt: DeliveryReceipt,
    private readonly actions: DeliveryActions,
  ) {}

  acknowledge(timeoutMs: number): Promise<void> {
    return this.inTurn(timeoutMs, async (remainingMs) => {
      await this.actions.acknowledge(this.receipt, remainingMs);
      this.acknowledged = true;
    });
  }

  changeInvisibleDuration(durationMs: number, timeoutMs: number): Promise<void> {
    return this.inTurn(timeoutMs, async (remainingMs) => {
      if (!this.acknowledged) this.receipt = await this.actions.hide(this.receipt, durationMs, remainingMs);
    });
  }

  private inTurn(timeoutMs: number, call: (remainingMs: number) => Promise<void>): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    const turn = this.lastCall.then(() => call(deadline.remainingMs()));
    this.lastCall = turn.catch(() => undefined);
    return turn;
  }
}
