import type { Consumer, Delivery, IncomingMessage, ReceiveOptions } from '../broker/index.js';
import type { TransportLogger } from '../options/rocketmq.options.js';
import type { ClockWatch, StoredTimes } from './clock.watch.js';
import { PollPool } from './poll.pool.js';
import { ReceiptDelivery, type DeliveryCalls } from './receipt.delivery.js';
import { TransportClient, type ErrorMapper } from './transport.client.js';

export const RECEIVING = 'receiving messages';
/** The broker refuses to hand out more at once (PopMessageProcessor, 5.4.0). */
const POLL_MESSAGES_MAX = 32;
/** The proxy lengthens shorter polls and shortens longer ones (ReceiveMessageActivity, 5.4.0). */
const POLL_MIN_MS = 5_000;
const POLL_MAX_MS = 20_000;
/** A message that no call came for stays invisible only so long: another instance can then receive it. */
const GIVE_BACK_INVISIBLE_MS = 1_000;

export interface PollOptions {
  readonly messagesMax: number;
  readonly awaitMs: number;
  readonly invisibleMs: number;
  readonly bodyBytesMax?: number | undefined;
}

export interface PollingSettings {
  readonly requestTimeoutMs: number;
  readonly logger: TransportLogger;
  readonly clocks: ClockWatch;
}

/** Receives by long polls, one to each broker, whichever protocol carries them. */
export abstract class PollingConsumer<Broker, Receipt>
  extends TransportClient
  implements Consumer, DeliveryCalls<Receipt>
{
  private readonly pool = new PollPool<Broker, ReceiptDelivery<Receipt>, PollOptions>({
    brokers: () => this.brokers(),
    poll: (broker, options) =>
      this.call(RECEIVING, this.pollTimeoutMs(options), () => this.poll(broker, options)),
    giveBack: (deliveries) => this.giveBack(deliveries),
    onFailure: (broker, failure) => {
      this.polling.logger.warn(
        `Broker ${broker} fails while others are received from; it is asked again: ${failure.message}`,
      );
    },
  });

  constructor(
    topic: string,
    toBrokerError: ErrorMapper,
    private readonly polling: PollingSettings,
  ) {
    super(topic, toBrokerError);
  }

  abstract acknowledge(receipt: Receipt, timeoutMs: number): Promise<void>;
  abstract changeInvisibleDuration(receipt: Receipt, durationMs: number, timeoutMs: number): Promise<Receipt>;

  /** The brokers to ask, by name. @throws BrokerNotReadyError when there is none */
  protected abstract brokers(): ReadonlyMap<string, Broker>;
  protected abstract poll(broker: Broker, options: PollOptions): Promise<ReceiptDelivery<Receipt>[]>;
  protected abstract acknowledgementsSent(): Promise<void>;

  receive({ messagesMax, awaitMs, invisibleMs, bodyBytesMax }: ReceiveOptions): Promise<Delivery[]> {
    const pollMs = Math.min(Math.max(awaitMs, POLL_MIN_MS), POLL_MAX_MS);
    const limits = { messagesMax: Math.min(messagesMax, POLL_MESSAGES_MAX), invisibleMs, bodyBytesMax };
    const poll = { ...limits, awaitMs: pollMs };
    return this.call(RECEIVING, this.pollTimeoutMs(poll), () => {
      // Refuses at once, even when earlier polls left messages, while there is no connection to acknowledge them by.
      this.brokers();
      return this.pool.receive({ messagesMax, awaitMs, usableMs: invisibleMs / 2, poll });
    });
  }

  protected override endCalls(): Promise<unknown> {
    return Promise.all([this.pool.close(), this.acknowledgementsSent()]);
  }

  protected deliver(
    message: IncomingMessage,
    times: StoredTimes,
    deliveryAttempt: number,
    receipt: Receipt,
  ): ReceiptDelivery<Receipt> {
    this.polling.clocks.observe(times);
    return new ReceiptDelivery(message, deliveryAttempt, receipt, this);
  }

  private pollTimeoutMs({ awaitMs }: PollOptions): number {
    return awaitMs + this.polling.requestTimeoutMs;
  }

  /** A failure costs time only: the message is delivered again when its invisible duration is over. */
  private async giveBack(deliveries: readonly ReceiptDelivery<Receipt>[]): Promise<void> {
    const { requestTimeoutMs } = this.polling;
    const given = deliveries.map((delivery) =>
      delivery.changeInvisibleDuration(GIVE_BACK_INVISIBLE_MS, requestTimeoutMs),
    );
    await Promise.allSettled(given);
  }
}
