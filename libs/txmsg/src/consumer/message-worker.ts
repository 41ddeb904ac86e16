import { Logger } from '@nestjs/common';
import type { Delivery } from '../broker/index.js';
import { withDeadline } from '../deadline/index.js';
import { TxMsgError } from '../errors/index.js';
import type { FaultInjector } from '../faults/index.js';
import type { Consumption, ConsumptionEnd } from './consumption.js';
import type { DeliveryConcluder, Conclusion } from './delivery.concluder.js';
import { keepInvisible } from './invisible-renewal.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import { readMessage, type ReadMessage } from './message-reader.js';

/** Older than the barrier's retention: whether it was consumed before can no longer be told. */
export class MessageExpiredError extends TxMsgError {
  readonly code = 'TXMSG_MESSAGE_EXPIRED';

  constructor(readonly bornAtMs: number) {
    super(`The message was sent at ${new Date(bornAtMs).toISOString()}, before the barrier's memory begins.`);
  }
}

/** Storing a dead letter, acknowledging and giving back, which end by deadlines of their own. */
const CONCLUDE_MAX_MS = 20_000;

/** Takes received messages all the way: read, consume, conclude. */
export class MessageWorker {
  private readonly logger = new Logger(MessageWorker.name);

  constructor(
    private readonly listener: RegisteredMessageListener,
    private readonly consumption: Consumption,
    private readonly concluder: DeliveryConcluder,
    private readonly faults: FaultInjector,
    private readonly barrierRetentionMs: number,
    private readonly handlerTimeoutMs: number,
  ) {}

  /** Never throws. Tells whether the database or the broker is in trouble, so that the caller slows down. */
  async work(deliveries: readonly Delivery[]): Promise<Conclusion> {
    const renewals = deliveries.map((delivery) => keepInvisible(delivery));
    const stopRenewals = (): void => {
      for (const stop of renewals) stop();
    };
    try {
      const limitMs = this.limitMs(deliveries.length);
      const late = (): Error => new Error(`not concluded within ${limitMs} ms`);
      const conclusions = await withDeadline(this.process(deliveries, stopRenewals), limitMs, late);
      return conclusions.includes('INFRASTRUCTURE_TROUBLE') ? 'INFRASTRUCTURE_TROUBLE' : 'CONCLUDED';
    } catch (error) {
      // Its place is free for others. Nothing is acknowledged, so what was not done is delivered again.
      this.logger.error({
        message: `${deliveries.length} messages hang and are let go of; they come again`,
        keys: deliveries.flatMap(({ message }) => message.keys),
        consumerGroup: this.listener.consumerGroup,
        cause: String(error),
      });
      return 'CONCLUDED';
    } finally {
      stopRenewals();
    }
  }

  /**
   * More than all the deadlines inside can add up to: two tries together, then each message alone, with three
   * collisions that are looked into.
   */
  private limitMs(messages: number): number {
    return this.handlerTimeoutMs * (2 + 6 * messages) + CONCLUDE_MAX_MS;
  }

  private async process(deliveries: readonly Delivery[], stopRenewals: () => void): Promise<Conclusion[]> {
    const read = new Map<ReadMessage, Delivery>();
    const unreadable: { delivery: Delivery; error: Error }[] = [];
    for (const delivery of deliveries) {
      const { messageId, keys } = delivery.message;
      this.logger.debug({ message: 'message received', txNo: keys[0], messageId });
      try {
        await this.faults.at('consume.received', { txNo: keys[0] });
        read.set(await readMessage(delivery.message, this.listener), delivery);
      } catch (error) {
        unreadable.push({ delivery, error: error as Error });
      }
    }
    const current = [...read.keys()].filter((message) => !this.isExpired(message));
    const ends = await this.consumption.consumeAll(current);
    stopRenewals();
    return Promise.all([
      ...unreadable.map(({ delivery, error }) => this.concluder.conclude(delivery, error, undefined)),
      ...[...read].map(([message, delivery]) => this.concludeRead(message, delivery, ends.get(message))),
    ]);
  }

  private concludeRead(
    message: ReadMessage,
    delivery: Delivery,
    end: ConsumptionEnd | undefined,
  ): Promise<Conclusion> {
    if (end !== undefined) return this.concluder.conclude(delivery, end, message);
    return this.concluder.bury(
      delivery,
      'EXPIRED',
      new MessageExpiredError(message.message.bornAtMs ?? 0),
      message,
    );
  }

  private isExpired({ message: { bornAtMs } }: ReadMessage): boolean {
    return bornAtMs !== undefined && Date.now() - bornAtMs > this.barrierRetentionMs;
  }
}
