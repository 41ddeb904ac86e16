import { Logger } from '@nestjs/common';
import type { Delivery } from '../broker/index.js';
import { withDeadline } from '../deadline/index.js';
import { asError } from '../errors/as-error.js';
import type { FaultInjector } from '../faults/index.js';
import type { ConsumerTelemetry, TracedWork } from '../telemetry/index.js';
import type { Consumption, ConsumptionResult } from './consumption.js';
import type { DeliveryConcluder } from './delivery.concluder.js';
import type { DeliveryEnding } from './delivery-ending.js';
import type { InvisibleRenewal } from './invisible-renewal.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import { expiryOf, readMessage, type ProcessedMessage, type ReadMessage } from './message-reader.js';

/** Longer than storing a dead letter and acknowledging take, each of which has a deadline of its own. */
const CONCLUDE_MAX_MS = 20_000;

/** A delivery that is to be concluded. */
interface Consumed {
  readonly delivery: Delivery;
  readonly result: ConsumptionResult;
  /** Undefined when the message could not be read. */
  readonly read: ReadMessage | undefined;
  readonly work: TracedWork;
}

/** Takes received messages all the way: read, consume, conclude. */
export class MessageWorker {
  private readonly logger = new Logger(MessageWorker.name);

  constructor(
    private readonly listener: RegisteredMessageListener,
    private readonly consumption: Consumption,
    private readonly concluder: DeliveryConcluder,
    private readonly renewal: InvisibleRenewal,
    private readonly faults: FaultInjector,
    private readonly barrierRetentionMs: number,
    private readonly handlerTimeoutMs: number,
    private readonly telemetry: ConsumerTelemetry,
  ) {}

  /**
   * Takes over messages that are kept invisible, and ends that before they are concluded. Never throws.
   * @param onConsumed - called when their transactions are over, and only concluding is left
   * @returns true when the database or the broker failed, so that the caller receives less for a while
   */
  async work(deliveries: readonly Delivery[], onConsumed: () => void): Promise<boolean> {
    try {
      const limitMs = this.limitMs(deliveries.length);
      const late = (): Error => new Error(`not concluded within ${limitMs} ms`);
      const endings = await withDeadline(this.process(deliveries, onConsumed), limitMs, late);
      return endings.some(isInfrastructureFailure);
    } catch (error) {
      // Other messages take their place. These are not acknowledged, so the broker redelivers them.
      this.logHanging(deliveries, error);
      return false;
    } finally {
      this.renewal.end(deliveries);
    }
  }

  /**
   * More than all the deadlines inside can add up to: reading each message, two transactions of the whole batch, then each
   * message alone, in up to three transactions and as many that look into a collision.
   */
  private limitMs(messages: number): number {
    return this.handlerTimeoutMs * (2 + 7 * messages) + CONCLUDE_MAX_MS;
  }

  /** Each step has a deadline of its own: with two batches at once, one message that hangs must not keep many waiting. */
  private async process(deliveries: readonly Delivery[], onConsumed: () => void): Promise<DeliveryEnding[]> {
    const consumed: Consumed[] = [];
    const readable = new Map<ProcessedMessage, Delivery>();
    for (const delivery of deliveries) {
      const { messageId, keys } = delivery.message;
      this.logger.debug({ message: 'message received', txNo: keys[0], messageId });
      const processing = this.telemetry.process(delivery.message, delivery.deliveryAttempt);
      const fail = (result: Error, read: ReadMessage | undefined): void => {
        processing.end(result);
        consumed.push({ delivery, result, read, work: processing.work });
      };
      try {
        const read = await processing.work.within(() => this.readInTime(delivery));
        const expired = expiryOf(read.message, this.barrierRetentionMs);
        if (expired === undefined) readable.set({ ...read, processing }, delivery);
        else fail(expired, read);
      } catch (error) {
        fail(asError(error), undefined);
      }
    }
    const results = await this.consumption.consumeAll([...readable.keys()]);
    this.renewal.end(deliveries);
    onConsumed();
    for (const [read, delivery] of readable) {
      const result = results.get(read);
      if (result !== undefined) consumed.push({ delivery, result, read, work: read.processing.work });
    }
    const endings = await Promise.all(consumed.map((one) => this.conclude(one)));
    return endings.filter((ending) => ending !== undefined);
  }

  private readInTime(delivery: Delivery): Promise<ReadMessage> {
    const late = (): Error => new Error(`the message could not be read within ${this.handlerTimeoutMs} ms`);
    return withDeadline(this.read(delivery), this.handlerTimeoutMs, late);
  }

  private async read(delivery: Delivery): Promise<ReadMessage> {
    await this.faults.at('consume.received', { txNo: delivery.message.keys[0] });
    return readMessage(delivery.message, this.listener);
  }

  /** Undefined when it hangs: the message is not acknowledged then, so the broker redelivers it. */
  private async conclude({ delivery, result, read, work }: Consumed): Promise<DeliveryEnding | undefined> {
    const late = (): Error => new Error(`not concluded within ${CONCLUDE_MAX_MS} ms`);
    try {
      const concluding = work.within(() => this.concluder.conclude(delivery, result, read));
      return await withDeadline(concluding, CONCLUDE_MAX_MS, late);
    } catch (error) {
      this.logHanging([delivery], error);
      return undefined;
    }
  }

  private logHanging(deliveries: readonly Delivery[], error: unknown): void {
    this.logger.error({
      message: `${deliveries.length} messages hang and are no longer waited for; the broker redelivers them`,
      keys: deliveries.flatMap(({ message }) => message.keys),
      consumerGroup: this.listener.consumerGroup,
      cause: String(error),
    });
  }
}

function isInfrastructureFailure(ending: DeliveryEnding): boolean {
  return ending.action === 'RETRY_LATER' && ending.kind === 'INFRASTRUCTURE';
}
