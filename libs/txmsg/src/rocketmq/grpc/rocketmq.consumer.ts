import type { MessageQueue } from 'rocketmq-client-nodejs';
import { AcknowledgementBatcher } from '../acknowledgement.batcher.js';
import { PollingConsumer, RECEIVING, type PollOptions } from '../polling.consumer.js';
import type { ReceiptDelivery } from '../receipt.delivery.js';
import { refuseUnlessOk, toBrokerError } from './broker-error.mapper.js';
import type { TransportSettings } from './client-options.js';
import type { WireMessage } from './client-protocol.js';
import { ClientSupervisor } from './client-supervisor.js';
import { ConsumerClient, type DeliveryReceipt } from './consumer.client.js';
import { decodeMessage, storedTimesOf } from './incoming-message.decoder.js';

/**
 * Closing cuts off the polls under way. The proxy gives a message that it finds for such a poll an invisible duration
 * of 1 s only (measured: it was delivered again after 3 s), so only acknowledgements are waited for.
 */
export class RocketmqConsumer extends PollingConsumer<MessageQueue, DeliveryReceipt> {
  protected readonly client: ClientSupervisor<ConsumerClient>;
  private readonly acknowledgements = new AcknowledgementBatcher(
    (_brokerName, receipts: readonly DeliveryReceipt[], timeoutMs) =>
      this.client.current('acknowledging messages').acknowledgeAll(receipts, timeoutMs),
  );

  constructor(topic: string, consumerGroup: string, settings: TransportSettings) {
    super(topic, toBrokerError, settings);
    const { logger, startTimeoutMs } = settings;
    this.client = new ClientSupervisor({
      name: `consumer of topic ${topic} for group ${consumerGroup}`,
      topic,
      logger,
      startTimeoutMs,
      create: (onLost) => new ConsumerClient(topic, consumerGroup, settings.clientOptions(onLost)),
    });
  }

  acknowledge(receipt: DeliveryReceipt, timeoutMs: number): Promise<void> {
    return this.call('acknowledging a message', timeoutMs, async () => {
      refuseUnlessOk(await this.acknowledgements.send(receipt.queue.broker.name, receipt, timeoutMs));
    });
  }

  changeInvisibleDuration(
    receipt: DeliveryReceipt,
    durationMs: number,
    timeoutMs: number,
  ): Promise<DeliveryReceipt> {
    const operation = 'changing the invisible duration of a message';
    return this.call(operation, timeoutMs, () =>
      this.client.current(operation).keepInvisible(receipt, durationMs, timeoutMs),
    );
  }

  protected override brokers(): ReadonlyMap<string, MessageQueue> {
    const queues = this.client.current(RECEIVING).brokersOf(this.topic, 'READ');
    return new Map(queues.map((queue) => [queue.broker.name, queue]));
  }

  protected override acknowledgementsSent(): Promise<void> {
    return this.acknowledgements.drained();
  }

  protected override poll(
    queue: MessageQueue,
    options: PollOptions,
  ): Promise<ReceiptDelivery<DeliveryReceipt>[]> {
    const client = this.client.current(RECEIVING);
    return client.poll(queue, options, (message) => this.receiptDelivery(queue, message, options));
  }

  private receiptDelivery(
    queue: MessageQueue,
    wireMessage: WireMessage,
    { bodyBytesMax }: PollOptions,
  ): ReceiptDelivery<DeliveryReceipt> {
    const message = decodeMessage(wireMessage, bodyBytesMax);
    const system = wireMessage.getSystemProperties();
    const receipt = { queue, messageId: message.messageId, handle: system?.getReceiptHandle() ?? '' };
    const attempt = system?.getDeliveryAttempt() ?? 1;
    return this.deliver(message, storedTimesOf(wireMessage), attempt, receipt);
  }
}
