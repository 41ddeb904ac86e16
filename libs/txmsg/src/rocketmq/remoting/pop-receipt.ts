import { MalformedFrameError } from './remoting.errors.js';
import type { RemotingCommand } from './remoting-command.js';
import type { StoredMessage } from './stored-message.decoder.js';

/**
 * What the broker needs to conclude one delivery: where the message stands, and the check point of the pop that
 * delivered it. Another invisible time makes another receipt.
 */
export interface PopReceipt {
  readonly brokerName: string;
  /** Which topic holds the message: 0 the topic itself, 1 and 2 the group's retry topic by its two naming schemes. */
  readonly retry: string;
  readonly queueId: number;
  readonly queueOffset: number;
  /** The first offset of the check point. */
  readonly startOffset: number;
  readonly popTime: string;
  readonly invisibleTime: string;
  readonly reviveQueueId: string;
}

const ORIGINAL = '0';
const RETRY_V1 = '1';
const RETRY_V2 = '2';
const RETRY_PREFIX = '%RETRY%';

/** Makes the receipts of all messages that one POP_MESSAGE brought. As MQClientAPIImpl of 5.4.0 does. */
export class PopReceipts {
  private readonly startOffsets: ReadonlyMap<string, number>;

  constructor(
    private readonly brokerName: string,
    private readonly fields: RemotingCommand['fields'],
  ) {
    const infos = (fields.startOffsetInfo ?? '').split(';').map((info) => info.split(' '));
    this.startOffsets = new Map(
      infos.map(([retry, queueId, offset]) => [`${retry ?? ''} ${queueId ?? ''}`, Number(offset)]),
    );
  }

  receiptOf({ topic, queueId, queueOffset, properties }: StoredMessage): PopReceipt {
    // The broker gives messages of the retry topic, which it renames, their check point as a property.
    if (properties.POP_CK !== undefined) return this.parse(properties.POP_CK);
    const retry = retryOf(topic);
    const { popTime = '', invisibleTime = '', reviveQid = '' } = this.fields;
    const startOffset = this.startOffsets.get(`${retry} ${queueId}`) ?? queueOffset;
    const { brokerName } = this;
    return {
      brokerName,
      retry,
      queueId,
      queueOffset,
      startOffset,
      popTime,
      invisibleTime,
      reviveQueueId: reviveQid,
    };
  }

  private parse(checkPoint: string): PopReceipt {
    const [startOffset, popTime, invisibleTime, reviveQueueId, retry, , queueId, queueOffset] =
      checkPoint.split(' ');
    if (queueOffset === undefined || !popTime || !invisibleTime || !reviveQueueId || !retry) {
      throw new MalformedFrameError(`the check point "${checkPoint}"`);
    }
    return {
      brokerName: this.brokerName,
      retry,
      queueId: Number(queueId),
      queueOffset: Number(queueOffset),
      startOffset: Number(startOffset),
      popTime,
      invisibleTime,
      reviveQueueId,
    };
  }
}

/** The topic that holds the message. */
export function topicOf({ retry }: PopReceipt, topic: string, consumerGroup: string): string {
  if (retry === RETRY_V1) return `${RETRY_PREFIX}${consumerGroup}_${topic}`;
  if (retry === RETRY_V2) return `${RETRY_PREFIX}${consumerGroup}+${topic}`;
  return topic;
}

/** The receipt in the form of a header field ("extraInfo"). */
export function extraInfoOf(receipt: PopReceipt): string {
  const { startOffset, popTime, invisibleTime, reviveQueueId, retry, brokerName, queueId, queueOffset } =
    receipt;
  return [startOffset, popTime, invisibleTime, reviveQueueId, retry, brokerName, queueId, queueOffset].join(
    ' ',
  );
}

/** The receipt after CHANGE_MESSAGE_INVISIBLETIME, which gives the message a check point of its own. */
export function renewedReceipt(receipt: PopReceipt, { fields }: RemotingCommand): PopReceipt {
  const { popTime = '', invisibleTime = '', reviveQid = receipt.reviveQueueId } = fields;
  return { ...receipt, startOffset: receipt.queueOffset, popTime, invisibleTime, reviveQueueId: reviveQid };
}

function retryOf(topic: string): string {
  if (!topic.startsWith(RETRY_PREFIX)) return ORIGINAL;
  return topic.includes('+') ? RETRY_V2 : RETRY_V1;
}
