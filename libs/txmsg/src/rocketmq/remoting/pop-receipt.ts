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
  /** The first offset of the check point; at most `POSITIONS_MAX` before the message's own. */
  readonly startOffset: number;
  readonly popTime: string;
  readonly invisibleTime: string;
  readonly reviveQueueId: string;
}

const ORIGINAL = '0';
const RETRY_V1 = '1';
const RETRY_V2 = '2';
const RETRY_PREFIX = '%RETRY%';
/**
 * An acknowledgement has a bit for each offset from the check point's first one on. Where messages were deleted that the
 * group had not received yet, the broker counts from the first of them; a message behind more than so many is delivered
 * once more.
 */
const POSITIONS_MAX = 8 * 1024 * 1024;

/**
 * Makes the receipts of all messages that one POP_MESSAGE brought, from the header of its answer; it never throws. A
 * property that a sender may have written is believed only when it names this pop and this message.
 * Test: pop-receipt.spec.ts.
 */
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

  receiptOf(message: StoredMessage): PopReceipt {
    const { queueId, queueOffset } = message;
    const retry = this.retryOf(message);
    const { popTime = '', invisibleTime = '', reviveQid = '' } = this.fields;
    const { brokerName } = this;
    return {
      brokerName,
      retry,
      queueId,
      queueOffset,
      startOffset: this.startOffsetOf(retry, message),
      popTime,
      invisibleTime,
      reviveQueueId: reviveQid,
    };
  }

  private startOffsetOf(retry: string, { queueId, queueOffset }: StoredMessage): number {
    const first = this.startOffsets.get(`${retry} ${queueId}`) ?? queueOffset;
    const position = queueOffset - first;
    return position >= 0 && position < POSITIONS_MAX ? first : queueOffset;
  }

  /**
   * The broker renames messages of the retry topic and gives them their check point as the property POP_CK, but not
   * those that have this property. It lets a sender set it: up to 5.1, and for messages of a batch also in 5.4.0.
   */
  private retryOf(message: StoredMessage): string {
    const { topic, redeliveries, properties } = message;
    if (topic.startsWith(RETRY_PREFIX)) return topic.includes('+') ? RETRY_V2 : RETRY_V1;
    if (properties.POP_CK === undefined) return ORIGINAL;
    const told = this.retryTold(properties.POP_CK, message);
    if (told !== undefined) return told;
    const possible = [ORIGINAL, RETRY_V1, RETRY_V2].filter((retry) => this.hasTaken(retry, message));
    return (redeliveries > 0 ? possible.at(-1) : possible[0]) ?? ORIGINAL;
  }

  /** What a check point says, if it is the one of this pop and this message. */
  private retryTold(checkPoint: string, { queueId, queueOffset }: StoredMessage): string | undefined {
    const [, popTime, invisibleTime, reviveQueueId, retry = '', , ...place] = checkPoint.split(' ');
    const { fields } = this;
    const isOurs =
      popTime === fields.popTime &&
      invisibleTime === fields.invisibleTime &&
      reviveQueueId === fields.reviveQid &&
      place.join(' ') === `${queueId} ${queueOffset}`;
    return isOurs && [RETRY_V1, RETRY_V2].includes(retry) ? retry : undefined;
  }

  private hasTaken(retry: string, { queueId, queueOffset }: StoredMessage): boolean {
    const infos = (this.fields.msgOffsetInfo ?? '').split(';').map((info) => info.split(' '));
    return infos.some(
      ([kind, queue, offsets = '']) =>
        kind === retry && queue === String(queueId) && offsets.split(',').includes(String(queueOffset)),
    );
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
