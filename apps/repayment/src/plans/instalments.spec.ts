import { describe, expect, it } from '@jest/globals';
import { toCents } from '@txmsg/contracts';
import { instalmentsOf, type Instalment } from './instalments.js';

function sum(instalments: readonly Instalment[], of: keyof Instalment): bigint {
  return instalments.reduce((cents, one) => cents + toCents(one[of]), 0n);
}

describe('the instalments of an investor', () => {
  it('are equal when the amount divides', () => {
    expect(instalmentsOf('1200.00', 3, '12.00')).toEqual([
      { principal: '400.00', interest: '12.00' },
      { principal: '400.00', interest: '12.00' },
      { principal: '400.00', interest: '12.00' },
    ]);
  });

  it('leave the rest to the last one when it does not', () => {
    expect(instalmentsOf('100.00', 3, '6.00')).toEqual([
      { principal: '33.33', interest: '0.50' },
      { principal: '33.33', interest: '0.50' },
      { principal: '33.34', interest: '0.50' },
    ]);
  });

  it('may be nothing until the last one', () => {
    const instalments = instalmentsOf('0.01', 3, '0.00');
    expect(instalments.map(({ principal }) => principal)).toEqual(['0.00', '0.00', '0.01']);
  });

  it('round the interest half up, once', () => {
    // 1.00 at 6.00 % for a month: half a cent.
    expect(instalmentsOf('1.00', 1, '6.00')).toEqual([{ principal: '1.00', interest: '0.01' }]);
    expect(instalmentsOf('0.99', 1, '6.00')).toEqual([{ principal: '0.99', interest: '0.00' }]);
  });

  it.each([
    ['999999999999.99', 360, '99.99'],
    ['0.01', 360, '99.99'],
    ['333.33', 7, '3.65'],
    ['166.67', 12, '0.01'],
  ])('of %s over %i months at %s add up to the cent', (amount, terms, rate) => {
    const instalments = instalmentsOf(amount, terms, rate);
    expect(instalments).toHaveLength(terms);
    expect(sum(instalments, 'principal')).toBe(toCents(amount));
    const exact = toCents(amount) * toCents(rate) * BigInt(terms) * 2n;
    const rounded = sum(instalments, 'interest') * 240_000n;
    expect(rounded - exact <= 120_000n && exact - rounded < 120_000n).toBe(true);
    expect(
      instalments.every(({ principal, interest }) => toCents(principal) >= 0n && toCents(interest) >= 0n),
    ).toBe(true);
  });
});
