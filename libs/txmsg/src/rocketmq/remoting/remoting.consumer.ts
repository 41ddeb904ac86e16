import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, ReceiveOptions } from '../../broker/index.js';
import { BrokerError } from '../../errors/index.js';
import { AcknowledgementBatcher } from '../acknowledgement.batcher.js';
import { PollingConsumer, RECEIVING, type PollOptions } from '../polling.consumer.js';
import type { ReceiptDelivery } from '../receipt.delivery.js';
import { batchAcknowledgement } from './batch-acknowledgement.js';
import type { BrokerLink } from './broker-link.js';
import { extraInfoOf, PopReceipts, renewedReceipt, topicOf, type PopReceipt } from './pop-receipt.js';
import { RemotingClient } from './remoting.client.js';
import { RequestCode, ResponseCode } from './remoting-codes.js';
import { NO_BODY, type RemotingCommand } from './remoting-command.js';
import { toBrokerError } from './remoting-error.mapper.js';
import { RefusedRequestError } from './remoting.errors.js';
import type { RemotingSettings } from './remoting.settings.js';
import { decodeStoredMessages, incomingMessageOf, type StoredMessage } from './stored-message.decoder.js';

/** The proxy's own minimum, so that both transports behave alike. */
const INVISIBLE_MIN_MS = 10_000;
/** The broker holds as many polls as it can; asking again at once would add to its load. */
const POLLING_FULL_PAUSE_MS = 1_000;
/** A new group begins at the oldest message, so that it also receives what was sent before its first instance. */
const FROM_THE_OLDEST = '0';

/**
 * Receives by POP: the broker hands out messages of any of its queues, and of the group's retry topic, and redelivers
 * those that were not acknowledged within their invisible duration. There is no assignment of queues to instances. The
 * broker never moves messages of such a consumer to a dead-letter topic, whatever the group's retry limit. It hands
 * nothing out to a poll whose connection was closed, so that closing waits for acknowledgements only.
 */
export class RemotingConsumer extends PollingConsumer<BrokerLink, PopReceipt> {
  protected readonly client: RemotingClient;
  private readonly acknowledgements = new AcknowledgementBatcher(
    (brokerName, receipts: readonly PopReceipt[], timeoutMs) =>
      this.acknowledgeAll(brokerName, receipts, timeoutMs),
  );

  constructor(
    topic: string,
    private readonly consumerGroup: string,
    private readonly settings: RemotingSettings,
  ) {
    super(topic, toBrokerError, settings);
    const name = `consumer of topic ${topic} for group ${consumerGroup}`;
    const role = { name, topic, uses: 'READ', producerGroups: [], consumerGroup } as const;
    this.client = new RemotingClient(role, settings);
  }

  override async receive(options: ReceiveOptions): Promise<Delivery[]> {
    if (options.invisibleMs < INVISIBLE_MIN_MS) throw tooShort(this.topic);
    return super.receive(options);
  }

  acknowledge(receipt: PopReceipt, timeoutMs: number): Promise<void> {
    return this.call('acknowledging a message', timeoutMs, () =>
      this.acknowledgements.send(receipt.brokerName, receipt, timeoutMs),
    );
  }

  changeInvisibleDuration(receipt: PopReceipt, durationMs: number, timeoutMs: number): Promise<PopReceipt> {
    const operation = 'changing the invisible duration of a message';
    const { topic, consumerGroup } = this;
    const fields = {
      consumerGroup,
      topic: topicOf(receipt, topic, consumerGroup),
      queueId: String(receipt.queueId),
      extraInfo: extraInfoOf(receipt),
      offset: String(receipt.queueOffset),
      invisibleTime: String(Math.round(durationMs)),
    };
    return this.call(operation, timeoutMs, async () => {
      const link = this.client.linkTo(receipt.brokerName, operation);
      const code = RequestCode.CHANGE_MESSAGE_INVISIBLETIME;
      return renewedReceipt(receipt, await link.request(code, fields, NO_BODY, timeoutMs));
    });
  }

  protected override brokers(): ReadonlyMap<string, BrokerLink> {
    return new Map(this.client.usableLinks(RECEIVING).map((link) => [link.route.name, link]));
  }

  protected override acknowledgementsSent(): Promise<void> {
    return this.acknowledgements.drained();
  }

  protected override async poll(
    link: BrokerLink,
    options: PollOptions,
  ): Promise<ReceiptDelivery<PopReceipt>[]> {
    const { topic, consumerGroup } = this;
    const fields = {
      consumerGroup,
      topic,
      queueId: '-1',
      maxMsgNums: String(options.messagesMax),
      invisibleTime: String(options.invisibleMs),
      pollTime: String(options.awaitMs),
      // By the broker's clock, so that ours does not matter.
      bornTime: '0',
      initMode: FROM_THE_OLDEST,
      expType: 'TAG',
      exp: '*',
      order: 'false',
    };
    const timeoutMs = options.awaitMs + this.settings.requestTimeoutMs;
    try {
      const response = await link.request(RequestCode.POP_MESSAGE, fields, NO_BODY, timeoutMs);
      return this.deliveriesIn(response, link.route.name, options.bodyBytesMax);
    } catch (error) {
      if (error instanceof RefusedRequestError && (await this.foundNothing(error))) return [];
      throw error;
    }
  }

  private async foundNothing({ responseCode }: RefusedRequestError): Promise<boolean> {
    const { POLLING_FULL, POLLING_TIMEOUT, PULL_NOT_FOUND } = ResponseCode;
    if (responseCode === POLLING_FULL) {
      await delay(POLLING_FULL_PAUSE_MS, undefined, { signal: this.client.signal }).catch(() => undefined);
    }
    return ([POLLING_FULL, POLLING_TIMEOUT, PULL_NOT_FOUND] as number[]).includes(responseCode);
  }

  private deliveriesIn(
    { fields, body }: RemotingCommand,
    brokerName: string,
    bodyBytesMax: number | undefined,
  ): ReceiptDelivery<PopReceipt>[] {
    const receipts = new PopReceipts(brokerName, fields);
    return decodeStoredMessages(body).map((stored) =>
      this.receiptDelivery(stored, receipts.receiptOf(stored), bodyBytesMax),
    );
  }

  private receiptDelivery(
    stored: StoredMessage,
    receipt: PopReceipt,
    bodyBytesMax: number | undefined,
  ): ReceiptDelivery<PopReceipt> {
    const { storedAtMs, bornHost, redeliveries } = stored;
    const message = { ...incomingMessageOf(stored, bodyBytesMax), topic: this.topic };
    const { messageId, bornAtMs } = message;
    const times = { messageId, bornHost, bornAtMs, storedAtMs };
    return this.deliver(message, times, redeliveries + 1, receipt);
  }

  private async acknowledgeAll(
    brokerName: string,
    receipts: readonly PopReceipt[],
    timeoutMs: number,
  ): Promise<undefined[]> {
    const link = this.client.linkTo(brokerName, 'acknowledging messages');
    const body = batchAcknowledgement(this.topic, this.consumerGroup, receipts);
    await link.request(RequestCode.BATCH_ACK_MESSAGE, {}, body, timeoutMs);
    // The broker answers for the batch as a whole.
    return receipts.map(() => undefined);
  }
}

function tooShort(topic: string): BrokerError {
  const rule = `the invisibleTime is too small. min is ${INVISIBLE_MIN_MS}`;
  return new BrokerError(RECEIVING, topic, rule);
}
