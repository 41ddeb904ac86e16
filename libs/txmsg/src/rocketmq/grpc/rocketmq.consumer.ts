import type { MessageQueue } from 'rocketmq-client-nodejs';
import type { Consumer, Delivery, ReceiveOptions } from '../../broker/index.js';
import { Deadline, withDeadline } from '../../deadline/index.js';
import { AcknowledgementBatcher } from './acknowledgement.batcher.js';
import { refuseUnlessOk, toBrokerError } from './broker-error.mapper.js';
import type { TransportSettings } from './client-options.js';
import type { WireMessage } from './client-protocol.js';
import { ClientSupervisor } from './client-supervisor.js';
import { ConsumerClient, type DeliveryReceipt, type PollOptions } from './consumer.client.js';
import { decodeMessage, storedTimesOf } from './incoming-message.decoder.js';
import { PollPool } from '../poll.pool.js';
import { RocketmqDelivery, type DeliveryActions } from './rocketmq.delivery.js';

const RECEIVING = 'receiving messages';
/** The proxy lengthens shorter polls and shortens longer ones (ReceiveMessageActivity, 5.4.0). */
const POLL_MIN_MS = 5_000;
const POLL_MAX_MS = 20_000;
/** What nobody here came for is hidden only so long: another instance shall have it. */
const GIVE_BACK_INVISIBLE_MS = 1_000;

export class RocketmqConsumer implements Consumer, DeliveryActions {
  private readonly supervisor: ClientSupervisor<ConsumerClient>;
  private readonly pool: PollPool<MessageQueue, RocketmqDelivery, PollOptions>;
  private readonly acknowledgements = new AcknowledgementBatcher((receipts, timeoutMs) =>
    this.supervisor.client('acknowledging messages').acknowledgeAll(receipts, timeoutMs),
  );

  constructor(
    private readonly topic: string,
    consumerGroup: string,
    private readonly settings: TransportSettings,
  ) {
    const { logger, startTimeoutMs } = settings;
    this.supervisor = new ClientSupervisor({
      name: `consumer of topic ${topic} for group ${consumerGroup}`,
      topic,
      logger,
      startTimeoutMs,
      create: (onLost) => new ConsumerClient(topic, consumerGroup, settings.clientOptions(onLost)),
    });
    this.pool = new PollPool({
      brokers: () => this.brokers(),
      poll: (queue, options) => this.poll(queue, options),
      giveBack: (deliveries) => this.giveBack(deliveries),
    });
  }

  start(): void {
    this.supervisor.start();
  }

  isReady(): boolean {
    return this.supervisor.isReady();
  }

  whyNotReady(): string | undefined {
    return this.supervisor.whyNotReady();
  }

  whenReady(timeoutMs: number): Promise<void> {
    return this.supervisor.whenReady(timeoutMs);
  }

  async receive({ messagesMax, awaitMs, invisibleMs, bodyBytesMax }: ReceiveOptions): Promise<Delivery[]> {
    this.supervisor.client(RECEIVING);
    const pollMs = Math.min(Math.max(awaitMs, POLL_MIN_MS), POLL_MAX_MS);
    const poll = { messagesMax, invisibleMs, awaitMs: pollMs, bodyBytesMax };
    try {
      return await this.pool.receive({ messagesMax, awaitMs, usableMs: invisibleMs / 2, poll });
    } catch (error) {
      throw toBrokerError(error, RECEIVING, this.topic, pollMs + this.settings.requestTimeoutMs);
    }
  }

  async acknowledge(receipt: DeliveryReceipt, timeoutMs: number): Promise<void> {
    try {
      refuseUnlessOk(await this.acknowledgements.send(receipt, timeoutMs));
    } catch (error) {
      throw toBrokerError(error, 'acknowledging a message', this.topic, timeoutMs);
    }
  }

  async hide(receipt: DeliveryReceipt, durationMs: number, timeoutMs: number): Promise<DeliveryReceipt> {
    const operation = 'hiding a message';
    try {
      return await this.supervisor.client(operation).hide(receipt, durationMs, timeoutMs);
    } catch (error) {
      throw toBrokerError(error, operation, this.topic, timeoutMs);
    }
  }

  /**
   * Cuts off the polls under way. A message that the proxy finds for a poll that was cut off is hidden for 1 s
   * only (measured: it came after 3 s), so there is nothing to wait for but acknowledgements.
   */
  async close(timeoutMs: number): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    const settled = Promise.all([this.pool.close(), this.acknowledgements.drained()]);
    await withDeadline(settled, timeoutMs / 2, () => new Error('late')).catch(() => undefined);
    await this.supervisor.close(deadline.remainingMs());
  }

  private brokers(): ReadonlyMap<string, MessageQueue> {
    const queues = this.supervisor.client(RECEIVING).brokersOf(this.topic, 'READ');
    return new Map(queues.map((queue) => [queue.broker.name, queue]));
  }

  private async poll(queue: MessageQueue, options: PollOptions): Promise<RocketmqDelivery[]> {
    const client = this.supervisor.client(RECEIVING);
    return client.poll(queue, options, (message) => this.deliver(queue, message, options.bodyBytesMax));
  }

  private deliver(
    queue: MessageQueue,
    wireMessage: WireMessage,
    bodyBytesMax: number | undefined,
  ): RocketmqDelivery {
    this.settings.clocks.observe(storedTimesOf(wireMessage));
    const message = decodeMessage(wireMessage, bodyBytesMax);
    const system = wireMessage.getSystemProperties();
    const receipt = { queue, messageId: message.messageId, handle: system?.getReceiptHandle() ?? '' };
    return new RocketmqDelivery(message, system?.getDeliveryAttempt() ?? 1, receipt, this);
  }

  /** A failure costs time only: the message comes back when its hidden time is over. */
  private async giveBack(deliveries: readonly RocketmqDelivery[]): Promise<void> {
    const { requestTimeoutMs } = this.settings;
    const given = deliveries.map((delivery) =>
      delivery.changeInvisibleDuration(GIVE_BACK_INVISIBLE_MS, requestTimeoutMs),
    );
    await Promise.allSettled(given);
  }
}
