import { describe, expect, it } from '@jest/globals';
import { batchAcknowledgement } from './batch-acknowledgement.js';
import { extraInfoOf, PopReceipts, renewedReceipt, topicOf } from './pop-receipt.js';
import type { RemotingCommand } from './remoting-command.js';
import { decodeStoredMessages } from './stored-message.decoder.js';
import { storedMessage } from '../../../test/stored-message.js';

const FIELDS = {
  popTime: '1700000000000',
  invisibleTime: '30000',
  reviveQid: '3',
  startOffsetInfo: '0 5 70;1 5 9;2 5 9',
  msgOffsetInfo: '0 5 70,77,79;1 5 12,77;2 5 12',
};

const checkPoint = (text: string): string => `POP_CK\u0001${text}\u0002`;

function receiptOf(parts: Parameters<typeof storedMessage>[0], fields = FIELDS) {
  const [stored] = decodeStoredMessages(storedMessage(parts));
  if (!stored) throw new Error('no message');
  return new PopReceipts('broker-a', fields).receiptOf(stored);
}

describe('the receipt of a popped message', () => {
  it('names its check point, by the first offset that the pop took from its queue', () => {
    const receipt = receiptOf({ queueOffset: 77 });
    expect(extraInfoOf(receipt)).toBe('70 1700000000000 30000 3 0 broker-a 5 77');
    expect(topicOf(receipt, 't', 'g')).toBe('t');
  });

  it.each([
    ['1', '%RETRY%g_t'],
    ['2', '%RETRY%g+t'],
  ])('is that of the retry topic (naming scheme %s) where the broker says so', (retry, topic) => {
    const text = `9 1700000000000 30000 3 ${retry} broker-a 5 12`;
    const receipt = receiptOf({ queueOffset: 12, properties: checkPoint(text) });
    expect(extraInfoOf(receipt)).toBe(text);
    expect(topicOf(receipt, 't', 'g')).toBe(topic);
  });

  it.each([
    ['%RETRY%g_t', '1'],
    ['%RETRY%g+t', '2'],
  ])('is that of the retry topic where the message still has its name, %s', (topic, retry) => {
    expect(receiptOf({ topic }).retry).toBe(retry);
  });

  it('is another one after its invisible time was changed', () => {
    const answer = { fields: { popTime: '1700000005000', invisibleTime: '1000', reviveQid: '4' } };
    const renewed = renewedReceipt(receiptOf({ queueOffset: 77 }), answer as unknown as RemotingCommand);
    expect(extraInfoOf(renewed)).toBe('77 1700000005000 1000 4 0 broker-a 5 77');
  });

  it.each([
    ['cut off', '9 17'],
    ['empty', ''],
    ['of another pop', '9 1600000000000 30000 3 1 broker-a 5 77'],
    ['of another invisible time', '9 1700000000000 60000 3 1 broker-a 5 77'],
    ['of another revive queue', '9 1700000000000 30000 4 1 broker-a 5 77'],
    ['of another queue', '9 1700000000000 30000 3 1 broker-a 6 77'],
    ['of another message', '9 1700000000000 30000 3 1 broker-a 5 2147483647'],
    ['of no known topic', '9 1700000000000 30000 3 7 broker-a 5 77'],
    ['with more than there is', '9 1700000000000 30000 3 1 broker-a 5 77 0'],
  ])('does not follow a check point that the sender forged: %s', (_, text) => {
    const receipt = receiptOf({ queueOffset: 77, properties: checkPoint(text) });
    expect(extraInfoOf(receipt)).toBe('70 1700000000000 30000 3 0 broker-a 5 77');
  });

  it('is found by the header when a message of the retry topic has a forged check point', () => {
    const properties = checkPoint('9 17');
    expect(receiptOf({ queueOffset: 12, redeliveries: 1, properties }).retry).toBe('2');
    expect(receiptOf({ queueOffset: 77, redeliveries: 1, properties }).retry).toBe('1');
    expect(receiptOf({ queueOffset: 13, redeliveries: 1, properties }).retry).toBe('0');
  });

  it.each([
    ['lies behind the message', '0 5 78', 77],
    ['lies 300 million messages before it', '0 5 77', 300_000_077],
    ['is no number', '0 5 x', 77],
    ['is missing', '', 77],
  ])('begins at the message when the first offset %s', (_, startOffsetInfo, queueOffset) => {
    const receipt = receiptOf({ queueOffset }, { ...FIELDS, startOffsetInfo });
    expect(receipt.startOffset).toBe(queueOffset);
  });

  it('is acknowledged with all others of its check point, by one bit each', () => {
    const body = batchAcknowledgement('t', 'g', [
      receiptOf({ queueOffset: 70 }),
      receiptOf({ queueOffset: 79 }),
      receiptOf({ queueOffset: 12, properties: checkPoint('9 1700000000000 30000 3 2 broker-a 5 12') }),
    ]);
    const common = { c: 'g', t: 't', rq: 3, pt: 1_700_000_000_000, it: 30_000 };
    expect(JSON.parse(body.toString())).toEqual({
      brokerName: 'broker-a',
      acks: [
        { ...common, r: '0', so: 70, q: 5, b: Buffer.of(1, 2).toString('base64') },
        { ...common, r: '2', so: 9, q: 5, b: Buffer.of(8).toString('base64') },
      ],
    });
  });
});
