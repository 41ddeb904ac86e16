import { FilterExpression, SimpleConsumer, type Endpoints, type MessageQueue } from 'rocketmq-client-nodejs';
import { BrokerError } from '../../errors/index.js';
import { refuseUnlessOk, type BrokerStatus } from './broker-error.mapper.js';
import type { ClientOptions } from './client-options.js';
import {
  AckMessageEntry,
  AckMessageRequest,
  ChangeInvisibleDurationRequest,
  Code,
  createDuration,
  createResource,
  ReceiveMessageResponse,
  type WireMessage,
  type WireSettings,
} from './client-protocol.js';
import { hardened } from './hardened-client.js';
import type { PollOptions } from '../polling.consumer.js';
import { retryLimitProblem } from '../retry-limit.rule.js';

/** Identifies one delivery to the broker; a change of its invisible duration makes another handle. */
export interface DeliveryReceipt {
  readonly queue: MessageQueue;
  readonly messageId: string;
  readonly handle: string;
}

/**
 * A consumer of one topic for one group. Only the connection, settings and heartbeats of SimpleConsumer are used:
 * its receive() decodes a batch as a whole, always waits equally long and asks one broker at a time.
 */
export class ConsumerClient extends hardened(SimpleConsumer) {
  constructor(
    private readonly topic: string,
    consumerGroup: string,
    private readonly options: ClientOptions,
  ) {
    super({ ...options, consumerGroup, subscriptions: new Map([[topic, FilterExpression.SUB_ALL]]) });
  }

  /**
   * The proxy sends the group's settings when this client starts, and every 5 minutes. One with a retry limit that
   * an outage reaches is not consumed from: its messages wait at the broker until the limit is corrected.
   */
  override onSettingsCommand(endpoints: Endpoints, settings: WireSettings): void {
    const problem = retryLimitProblem(this.consumerGroup, settings.getBackoffPolicy()?.getMaxAttempts());
    if (problem === undefined) super.onSettingsCommand(endpoints, settings);
    else this.options.onLost(new BrokerError('receiving messages', this.topic, problem));
  }

  /**
   * Long-polls one broker: a poll covers all queues that it has of the topic.
   * @param take - turns each message, as it arrives, into what is kept of it: all of them whole may not fit in memory
   */
  async poll<Item>(
    queue: MessageQueue,
    options: PollOptions,
    take: (message: WireMessage) => Item,
  ): Promise<Item[]> {
    const { messagesMax, awaitMs, invisibleMs } = options;
    const everything = FilterExpression.SUB_ALL;
    const request = this.wrapReceiveMessageRequest(messagesMax, queue, everything, invisibleMs, awaitMs);
    const items: Item[] = [];
    const responses = await this.connections.receiveMessages(
      queue.broker.endpoints,
      request,
      awaitMs + this.requestTimeout,
      (message) => items.push(take(message)),
    );
    for (const response of responses) {
      if (response.getContentCase() === ReceiveMessageResponse.ContentCase.STATUS)
        refuseUnlessOk(response.getStatus()?.toObject());
    }
    return items;
  }

  /** Acknowledges many deliveries of one broker at once; what the broker said to each, in their order. */
  async acknowledgeAll(receipts: readonly DeliveryReceipt[], timeoutMs: number): Promise<BrokerStatus[]> {
    const [first] = receipts;
    if (!first) return [];
    const entries = receipts.map(({ messageId, handle }) =>
      new AckMessageEntry().setMessageId(messageId).setReceiptHandle(handle),
    );
    const request = new AckMessageRequest()
      .setGroup(createResource(this.consumerGroup))
      .setTopic(createResource(this.topic))
      .setEntriesList(entries);
    const response = await this.connections.ackMessage(first.queue.broker.endpoints, request, timeoutMs);
    refuseUnlessOk(response.getStatus()?.toObject());
    const outcomes = new Map(
      response.getEntriesList().map((entry) => [entry.getReceiptHandle(), entry.getStatus()?.toObject()]),
    );
    return receipts.map(({ handle }) => outcomes.get(handle) ?? { code: Code.OK, message: '' });
  }

  /** Keeps a delivered message invisible for `durationMs` from now; resolves with its new receipt. */
  async keepInvisible(
    receipt: DeliveryReceipt,
    durationMs: number,
    timeoutMs: number,
  ): Promise<DeliveryReceipt> {
    const request = new ChangeInvisibleDurationRequest()
      .setGroup(createResource(this.consumerGroup))
      .setTopic(createResource(this.topic))
      .setMessageId(receipt.messageId)
      .setReceiptHandle(receipt.handle)
      .setInvisibleDuration(createDuration(durationMs));
    const { endpoints } = receipt.queue.broker;
    const response = await this.connections.changeInvisibleDuration(endpoints, request, timeoutMs);
    refuseUnlessOk(response.getStatus()?.toObject());
    return { ...receipt, handle: response.getReceiptHandle() };
  }
}
