import type { PopReceipt } from './pop-receipt.js';

/** BatchAck of 5.4.0, whose fields have one or two letters each. */
interface CheckPointAcknowledgement {
  readonly c: string;
  readonly t: string;
  readonly r: string;
  readonly so: number;
  readonly q: number;
  readonly rq: number;
  readonly pt: number;
  readonly it: number;
  /** A bit per offset from `so` on, the lowest bit first. */
  readonly b: string;
}

/** The body of BATCH_ACK_MESSAGE: one entry per check point, with all its messages that are acknowledged. */
export function batchAcknowledgement(topic: string, group: string, receipts: readonly PopReceipt[]): Buffer {
  const brokerName = receipts[0]?.brokerName;
  const byCheckPoint = new Map<string, PopReceipt[]>();
  for (const receipt of receipts) {
    const { retry, queueId, startOffset, popTime, invisibleTime, reviveQueueId } = receipt;
    const key = [retry, queueId, startOffset, popTime, invisibleTime, reviveQueueId].join(' ');
    const same = byCheckPoint.get(key);
    if (same) same.push(receipt);
    else byCheckPoint.set(key, [receipt]);
  }
  const acks = [...byCheckPoint.values()].map((same) => acknowledgementOf(topic, group, same));
  return Buffer.from(JSON.stringify({ brokerName, acks }));
}

function acknowledgementOf(topic: string, group: string, receipts: PopReceipt[]): CheckPointAcknowledgement {
  const [{ retry, startOffset, queueId, reviveQueueId, popTime, invisibleTime }] = receipts as [PopReceipt];
  return {
    c: group,
    t: topic,
    r: retry,
    so: startOffset,
    q: queueId,
    rq: Number(reviveQueueId),
    pt: Number(popTime),
    it: Number(invisibleTime),
    b: bitsOf(receipts.map(({ queueOffset }) => queueOffset - startOffset)).toString('base64'),
  };
}

function bitsOf(positions: readonly number[]): Buffer {
  const bits = Buffer.alloc((Math.max(...positions) >> 3) + 1);
  for (const position of positions) bits[position >> 3] = (bits[position >> 3] ?? 0) | (1 << (position & 7));
  return bits;
}
