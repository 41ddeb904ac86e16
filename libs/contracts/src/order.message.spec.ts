import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { LosslessNumber, parse } from 'lossless-json';
import { OrderMessage, OrderRollbackMessage } from './order.message.js';

/** What txmsg does with a body: numbers stay JavaScript numbers only when they print their source text. */
function read<T extends object>(payload: new () => T, body: string): T {
  const plain = parse(body, undefined, {
    parseNumber: (text: string) => (String(Number(text)) === text ? Number(text) : new LosslessNumber(text)),
  });
  const message = plainToInstance(payload, plain);
  const errors = validateSync(message);
  if (errors.length > 0) throw new Error(errors.toString());
  return message;
}

const body = (payCount: string): string =>
  `{"txNo":"t-1","orderNo":"o-1","productId":"1","payCount":${payCount}}`;

describe('OrderMessage', () => {
  it('reads the shape that order writes, and drops what it does not know', () => {
    const classic = '{"txNo":"t-1","orderNo":"o-1","productId":"1","payCount":3,"price":1.5}';
    expect(read(OrderMessage, classic)).toEqual({
      txNo: 't-1',
      orderNo: 'o-1',
      productId: '1',
      payCount: 3,
    });
  });

  it('takes numeric identifiers by their digits, also those that JavaScript cannot hold', () => {
    const classic = '{"txNo":9007199254740993123,"orderNo":9007199254740993124,"productId":1,"payCount":1}';
    expect(read(OrderMessage, classic)).toEqual({
      txNo: '9007199254740993123',
      orderNo: '9007199254740993124',
      productId: '1',
      payCount: 1,
    });
  });

  it.each(['1', '1000000'])('takes %s pieces', (count) => {
    expect(read(OrderMessage, body(count)).payCount).toBe(Number(count));
  });

  it.each([
    '0',
    '-1',
    '1.5',
    '1.0',
    '1e2',
    '1e9',
    '1000001',
    '9007199254740993123',
    '"1"',
    'null',
    '[1]',
    '{}',
  ])('refuses %s pieces', (count) => {
    expect(() => read(OrderMessage, body(count))).toThrow('payCount');
  });
});

describe('OrderRollbackMessage', () => {
  it('carries the same order, and why it was refused', () => {
    const refused = body('3').replace('}', ',"reason":"INSUFFICIENT_STOCK"}');
    expect(read(OrderRollbackMessage, refused)).toMatchObject({ payCount: 3, reason: 'INSUFFICIENT_STOCK' });
  });

  it('need not say why, as those of classic services do not', () => {
    expect(read(OrderRollbackMessage, body('3'))).toMatchObject({ txNo: 't-1', payCount: 3 });
  });
});
