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
  startOffsetInfo: '0 5 70;1 0 9',
};
const receipts = new PopReceipts('broker-a', FIELDS);

function receiptOf(parts: Parameters<typeof storedMessage>[0]) {
  const [stored] = decodeStoredMessages(storedMessage(parts));
  if (!stored) throw new Error('no message');
  return receipts.receiptOf(stored);
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
    const checkPoint = `9 1700000000000 30000 3 ${retry} broker-a 0 12`;
    const receipt = receiptOf({ properties: `POP_CK\u0001${checkPoint}\u0002` });
    expect(extraInfoOf(receipt)).toBe(checkPoint);
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

  it('that is damaged is refused', () => {
    expect(() => receiptOf({ properties: 'POP_CK\u00019 17\u0002' })).toThrow('the check point "9 17"');
  });

  it('is acknowledged with all others of its check point, by one bit each', () => {
    const body = batchAcknowledgement('t', 'g', [
      receiptOf({ queueOffset: 70 }),
      receiptOf({ queueOffset: 79 }),
      receiptOf({ properties: 'POP_CK\u00019 1700000000000 30000 3 2 broker-a 0 12\u0002' }),
    ]);
    const common = { c: 'g', t: 't', rq: 3, pt: 1_700_000_000_000, it: 30_000 };
    expect(JSON.parse(body.toString())).toEqual({
      brokerName: 'broker-a',
      acks: [
        { ...common, r: '0', so: 70, q: 5, b: Buffer.of(1, 2).toString('base64') },
        { ...common, r: '2', so: 9, q: 0, b: Buffer.of(8).toString('base64') },
      ],
    });
  });
});
