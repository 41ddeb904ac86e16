import { describe, expect, it } from '@jest/globals';
import { isIdentifier } from '@txmsg/contracts';
import { orderNoOf } from './order-number.js';

describe('the number of an order', () => {
  it('is the same however often a txNo comes, and another one for another txNo', () => {
    expect(orderNoOf('t-1')).toBe(orderNoOf('t-1'));
    expect(orderNoOf('t-1')).not.toBe(orderNoOf('t-2'));
    expect(orderNoOf('a')).not.toBe(orderNoOf('A'));
  });

  it('is an identifier, also of the longest txNo', () => {
    expect(isIdentifier(orderNoOf('x'.repeat(64)))).toBe(true);
  });
});
