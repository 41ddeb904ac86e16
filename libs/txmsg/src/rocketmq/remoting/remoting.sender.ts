import type { OutgoingMessage, TransactionResolution } from '../../broker/index.js';
import { Deadline } from '../../deadline/index.js';
import { BrokerError, HalfMessageForgottenError } from '../../errors/index.js';
import { MessageIdentity } from '../message-identity.js';
import { refuseUnfitMessage } from '../outgoing-message.rules.js';
import type { BrokerLink } from './broker-link.js';
import { writeProperties } from './message-properties.js';
import type { RemotingClient } from './remoting.client.js';
import { RequestCode } from './remoting-codes.js';
import { NO_BODY, type RemotingCommand } from './remoting-command.js';
import { isWorthRepeating } from './remoting-error.mapper.js';
import { MalformedFrameError, RefusedRequestError } from './remoting.errors.js';
import { decodeStoredMessages } from './stored-message.decoder.js';

export type MessageKind = 'half message' | 'message';

/** What the broker needs to find a half message again. */
export interface HalfMessageReceipt {
  /** The connection on which the broker answered for it, or asked about it. */
  readonly link: BrokerLink;
  readonly messageId: string;
  readonly producerGroup: string;
  readonly transactionId: string;
  /** Its place among the half messages, and in the store. */
  readonly queueOffset: string;
  readonly storeOffset: string;
}

/** Bits of sysFlag: MessageSysFlag of 5.4.0. */
const PREPARED = '4';
const NO_FLAG = '0';
const OUTCOMES = { COMMIT: '8', ROLLBACK: '12' } as const;
/** The hexadecimal digits of the store's offset, at the end of the broker's own message id. */
const OFFSET_DIGITS = 16;

/** Sends messages of one topic and ends half messages. */
export class RemotingSender {
  private readonly identity = new MessageIdentity();
  private turn = 0;
  private brokers = 1;

  constructor(
    private readonly client: RemotingClient,
    private readonly producerGroup: string,
  ) {}

  /** Sends once; an error may mean that the message was stored all the same. */
  async send(message: OutgoingMessage, kind: MessageKind, timeoutMs: number): Promise<HalfMessageReceipt> {
    const operation = `sending a ${kind}`;
    const { topic } = this.client.role;
    refuseUnfitMessage(message, topic);
    this.turn = (this.turn + 1) % Number.MAX_SAFE_INTEGER;
    const link = this.chooseBroker(operation);
    const messageId = this.identity.next();
    const fields = this.headerOf(message, kind, messageId, link);
    const { body } = message;
    const { fields: answer } = await link.request(RequestCode.SEND_MESSAGE_V2, fields, body, timeoutMs);
    const { msgId = '', queueOffset = '', transactionId = messageId } = answer;
    return {
      link,
      messageId,
      producerGroup: this.producerGroup,
      transactionId,
      queueOffset,
      storeOffset: storeOffsetOf(msgId, operation, topic),
    };
  }

  /**
   * Waits for the broker's answer, which alone shows that it obeyed. The broker would end any half message of the group
   * that has the same two offsets: after a failover to a replica without the last messages, or with another store, that
   * is another one. So the message is looked at first, unless the connection is still the one of the receipt.
   *
   * @throws HalfMessageForgottenError when it is not there, or that cannot be told: check-back decides
   */
  async end(
    receipt: HalfMessageReceipt,
    resolution: TransactionResolution,
    isCheckBack: boolean,
    timeoutMs: number,
  ): Promise<RemotingCommand> {
    const deadline = Deadline.in(timeoutMs);
    const link = this.client.linkTo(receipt.link.route.name, 'ending the half message');
    if (link !== receipt.link) await this.refuseUnlessStored(receipt, link, timeoutMs);
    const fields = {
      topic: this.client.role.topic,
      producerGroup: receipt.producerGroup,
      tranStateTableOffset: receipt.queueOffset,
      commitLogOffset: receipt.storeOffset,
      commitOrRollback: OUTCOMES[resolution],
      fromTransactionCheck: String(isCheckBack),
      msgId: receipt.messageId,
      transactionId: receipt.transactionId,
    };
    return link.request(RequestCode.END_TRANSACTION, fields, NO_BODY, deadline.remainingMs());
  }

  private async refuseUnlessStored(
    { messageId, storeOffset }: HalfMessageReceipt,
    link: BrokerLink,
    timeoutMs: number,
  ): Promise<void> {
    const { topic } = this.client.role;
    let cause: unknown;
    try {
      const fields = { topic, offset: storeOffset };
      const { body } = await link.request(RequestCode.VIEW_MESSAGE_BY_ID, fields, NO_BODY, timeoutMs);
      const [found] = decodeStoredMessages(body);
      if (found?.properties.UNIQ_KEY === messageId) return;
      cause = new Error(`broker ${link.route.name} (${link.route.address}) has another message at its place`);
    } catch (error) {
      const isAnswer = error instanceof RefusedRequestError || error instanceof MalformedFrameError;
      if (!isAnswer || isWorthRepeating(error)) throw error;
      cause = error;
    }
    throw new HalfMessageForgottenError(topic, { cause });
  }

  /** The brokers in turn, without those that failed recently while there are others. */
  private chooseBroker(operation: string): BrokerLink {
    const links = this.client.usableLinks(operation);
    const rested = links.length === 1 ? links : links.filter(({ isResting }) => !isResting);
    const candidates = rested.length > 0 ? rested : links;
    this.brokers = candidates.length;
    const chosen = candidates[this.turn % candidates.length];
    if (chosen === undefined)
      throw new BrokerError(operation, this.client.role.topic, 'no broker takes messages');
    return chosen;
  }

  /** SendMessageRequestHeaderV2 of 5.4.0, whose fields have one letter each. */
  private headerOf(
    { key, properties }: OutgoingMessage,
    kind: MessageKind,
    messageId: string,
    { route }: BrokerLink,
  ): Record<string, string> {
    const isHalf = kind === 'half message';
    const mark = isHalf ? { TRAN_MSG: 'true', PGROUP: this.producerGroup } : {};
    return {
      a: this.producerGroup,
      b: this.client.role.topic,
      // The template of topics that the broker creates by itself; the field is required, though none is created here.
      c: 'TBW102',
      d: '4',
      e: String(Math.floor(this.turn / this.brokers) % route.writeQueues),
      f: isHalf ? PREPARED : NO_FLAG,
      g: String(Date.now()),
      h: NO_FLAG,
      i: writeProperties({ KEYS: key, UNIQ_KEY: messageId, WAIT: 'true', ...mark }, properties),
      j: '0',
      k: 'false',
      m: 'false',
    };
  }
}

/** @throws BrokerError when the broker's message id holds no offset */
function storeOffsetOf(messageId: string, operation: string, topic: string): string {
  const digits = messageId.slice(-OFFSET_DIGITS);
  if (/^[0-9A-Fa-f]{16}$/.test(digits)) return BigInt(`0x${digits}`).toString();
  throw new BrokerError(operation, topic, `the answer holds no message id, but "${messageId}"`);
}
