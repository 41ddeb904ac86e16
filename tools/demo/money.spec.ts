import { describe, expect, it } from '@jest/globals';
import { add, isLess, subtract } from './money.js';

describe('money', () => {
  it.each([
    ['0.00', '0.00', '0.00'],
    ['0.99', '0.01', '1.00'],
    ['9007199254740993.01', '0.01', '9007199254740993.02'],
    ['-0.05', '0.03', '-0.02'],
  ])('%s and %s make %s', (amount, other, sum) => {
    expect(add(amount, other)).toBe(sum);
    expect(subtract(sum, other)).toBe(amount);
  });

  it('compares as numbers, not as text', () => {
    expect(isLess('9.00', '10.00')).toBe(true);
    expect(isLess('10.00', '10.00')).toBe(false);
  });

  it.each(['1', '1.0', '1e3', '', ' 1.00', '１.00'])('refuses "%s"', (text) => {
    expect(() => add(text, '0.00')).toThrow(`"${text}" is not an amount`);
  });
});
