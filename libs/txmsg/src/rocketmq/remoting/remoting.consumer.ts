import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, Delivery, ReceiveOptions } from '../../broker/index.js';
import { Deadline, withDeadline } from '../../deadline/index.js';
import { BrokerError } from '../../errors/index.js';
import { PollPool } from '../poll.pool.js';
import { AcknowledgementQueue } from './acknowledgement.queue.js';
import { batchAcknowledgement } from './batch-acknowledgement.js';
import type { BrokerLink } from './broker-link.js';
import { extraInfoOf, PopReceipts, renewedReceipt, topicOf, type PopReceipt } from './pop-receipt.js';
import { RemotingClient } from './remoting.client.js';
import { RequestCode, ResponseCode } from './remoting-codes.js';
import { NO_BODY, type RemotingCommand } from './remoting-command.js';
import { toBrokerError } from './remoting-error.mapper.js';
import { RemotingDelivery, type DeliveryCalls } from './remoting.delivery.js';
import { RefusedRequestError } from './remoting.errors.js';
import type { RemotingSettings } from './remoting.settings.js';
import { decodeStoredMessages, incomingMessageOf, type StoredMessage } from './stored-message.decoder.js';

const RECEIVING = 'receiving messages';
/** The broker refuses to hand out more at once (PopMessageProcessor, 5.4.0). */
const POLL_MESSAGES_MAX = 32;
/** A poll that nobody waits for goes on; the next call takes what it brings. As with the proxy. */
const POLL_MIN_MS = 5_000;
const POLL_MAX_MS = 20_000;
/** The proxy refuses less; this keeps both transports alike. */
const INVISIBLE_MIN_MS = 10_000;
/** What nobody here came for is invisible only so long: another instance shall have it. */
const GIVE_BACK_INVISIBLE_MS = 1_000;
/** The broker holds as many polls as it can: asking at once again would make it worse. */
const POLLING_FULL_PAUSE_MS = 1_000;
/** A new group begins at the oldest message: nothing that was sent before its first instance is lost. */
const FROM_THE_OLDEST = '0';

interface PollOptions {
  readonly messagesMax: number;
  readonly awaitMs: number;
  readonly invisibleMs: number;
  readonly bodyBytesMax: number | undefined;
}

/**
 * Receives by POP: the broker hands out messages of any of its queues, of the group's retry topic too, and brings
 * those again that were not acknowledged in their invisible time. There is no assignment of queues to instances. A
 * broker never moves messages of such a consumer to a dead-letter topic, whatever the group's retry limit.
 */
export class RemotingConsumer implements Consumer, DeliveryCalls {
  private readonly client: RemotingClient;
  private readonly pool: PollPool<BrokerLink, RemotingDelivery, PollOptions>;
  private readonly acknowledgements = new AcknowledgementQueue((brokerName, receipts, timeoutMs) =>
    this.acknowledgeAll(brokerName, receipts, timeoutMs),
  );

  constructor(
    private readonly topic: string,
    private readonly consumerGroup: string,
    private readonly settings: RemotingSettings,
  ) {
    const name = `consumer of topic ${topic} for group ${consumerGroup}`;
    const role = { name, topic, uses: 'READ', producerGroups: [], consumerGroup } as const;
    this.client = new RemotingClient(role, settings);
    this.pool = new PollPool({
      brokers: () =>
        new Map(this.client.usableLinks(RECEIVING).map((link) => [link.route.name, link] as const)),
      poll: (link, options) => this.poll(link, options),
      giveBack: (deliveries) => this.giveBack(deliveries),
    });
  }

  start(): void {
    this.client.start();
  }

  isReady(): boolean {
    return this.client.isReady();
  }

  whyNotReady(): string | undefined {
    return this.client.whyNotReady();
  }

  whenReady(timeoutMs: number): Promise<void> {
    return this.client.whenReady(timeoutMs);
  }

  async receive({ messagesMax, awaitMs, invisibleMs, bodyBytesMax }: ReceiveOptions): Promise<Delivery[]> {
    if (invisibleMs < INVISIBLE_MIN_MS) throw tooShort(this.topic);
    const pollMs = Math.min(Math.max(awaitMs, POLL_MIN_MS), POLL_MAX_MS);
    const poll = {
      messagesMax: Math.min(messagesMax, POLL_MESSAGES_MAX),
      invisibleMs,
      awaitMs: pollMs,
      bodyBytesMax,
    };
    try {
      this.client.usableLinks(RECEIVING);
      return await this.pool.receive({ messagesMax, awaitMs, usableMs: invisibleMs / 2, poll });
    } catch (error) {
      throw toBrokerError(error, RECEIVING, this.topic, pollMs + this.settings.requestTimeoutMs);
    }
  }

  async acknowledge(receipt: PopReceipt, timeoutMs: number): Promise<void> {
    try {
      await this.acknowledgements.send(receipt, timeoutMs);
    } catch (error) {
      throw toBrokerError(error, 'acknowledging a message', this.topic, timeoutMs);
    }
  }

  async changeInvisibleTime(receipt: PopReceipt, durationMs: number, timeoutMs: number): Promise<PopReceipt> {
    const operation = 'changing the invisible time of a message';
    const { topic, consumerGroup } = this;
    const fields = {
      consumerGroup,
      topic: topicOf(receipt, topic, consumerGroup),
      queueId: String(receipt.queueId),
      extraInfo: extraInfoOf(receipt),
      offset: String(receipt.queueOffset),
      invisibleTime: String(Math.round(durationMs)),
    };
    try {
      const link = this.client.linkTo(receipt.brokerName, operation);
      const code = RequestCode.CHANGE_MESSAGE_INVISIBLETIME;
      return renewedReceipt(receipt, await link.request(code, fields, NO_BODY, timeoutMs));
    } catch (error) {
      throw toBrokerError(error, operation, topic, timeoutMs);
    }
  }

  /** The broker hands nothing out to a poll whose connection has been closed, so only acknowledgements are waited for. */
  async close(timeoutMs: number): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    const concluded = Promise.all([this.pool.close(), this.acknowledgements.drained()]);
    await withDeadline(concluded, timeoutMs / 2, () => new Error('late')).catch(() => undefined);
    await this.client.close(deadline.remainingMs());
  }

  private async poll(link: BrokerLink, options: PollOptions): Promise<RemotingDelivery[]> {
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
  ): RemotingDelivery[] {
    const receipts = new PopReceipts(brokerName, fields);
    return decodeStoredMessages(body).map((stored) =>
      this.deliver(stored, receipts.receiptOf(stored), bodyBytesMax),
    );
  }

  private deliver(
    stored: StoredMessage,
    receipt: PopReceipt,
    bodyBytesMax: number | undefined,
  ): RemotingDelivery {
    const { storedAtMs, bornHost } = stored;
    const message = { ...incomingMessageOf(stored, bodyBytesMax), topic: this.topic };
    const { messageId, bornAtMs } = message;
    this.settings.clocks.observe({ messageId, bornHost, bornAtMs, storedAtMs });
    return new RemotingDelivery(message, stored.redeliveries + 1, receipt, this);
  }

  private async acknowledgeAll(
    brokerName: string,
    receipts: readonly PopReceipt[],
    timeoutMs: number,
  ): Promise<void> {
    const link = this.client.linkTo(brokerName, 'acknowledging messages');
    const body = batchAcknowledgement(this.topic, this.consumerGroup, receipts);
    await link.request(RequestCode.BATCH_ACK_MESSAGE, {}, body, timeoutMs);
  }

  /** A failure costs time only: the message comes back when its invisible time is over. */
  private async giveBack(deliveries: readonly RemotingDelivery[]): Promise<void> {
    const { requestTimeoutMs } = this.settings;
    const given = deliveries.map((delivery) =>
      delivery.changeInvisibleDuration(GIVE_BACK_INVISIBLE_MS, requestTimeoutMs),
    );
    await Promise.allSettled(given);
  }
}

function tooShort(topic: string): BrokerError {
  const rule = `the invisibleTime is too small. min is ${INVISIBLE_MIN_MS}`;
  return new BrokerError(RECEIVING, topic, rule);
}
