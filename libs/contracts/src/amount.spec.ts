import { describe, expect, it } from '@jest/globals';
import { isHttpAmount, isNormalAmount, normalizeAmount } from './amount.js';

describe('normalizeAmount', () => {
  it.each([
    ['100', '100.00'],
    ['100.0', '100.00'],
    ['100.00', '100.00'],
    ['100.000000', '100.00'],
    ['0.01', '0.01'],
    ['0.10', '0.10'],
    ['1.0E7', '10000000.00'],
    ['1e2', '100.00'],
    ['1E+2', '100.00'],
    ['1.5e-1', '0.15'],
    ['100e-4', '0.01'],
    ['007', '7.00'],
    ['99999999999999999.99', '99999999999999999.99'],
    ['9.999999999999999999e16', '99999999999999999.99'],
    ['0.00000000000000000000000001e26', '1.00'],
  ])('reads %s as %s', (text, normal) => {
    expect(normalizeAmount(text)).toBe(normal);
  });

  it.each([
    ['nothing', ''],
    ['zero', '0'],
    ['zero with decimals', '0.00'],
    ['zero with an exponent', '0e5'],
    ['a negative amount', '-1'],
    ['minus zero', '-0'],
    ['a plus sign', '+1'],
    ['three decimals', '100.001'],
    ['three decimals by exponent', '1e-3'],
    ['18 digits', '100000000000000000'],
    ['18 digits by exponent', '1e17'],
    ['an exponent that would fill the memory', '1e999999999'],
    ['an exponent that no number holds', `1e${'9'.repeat(100)}`],
    ['a tiny exponent', '1e-999999999'],
    ['a very long text', `1.${'0'.repeat(1000)}`],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['hexadecimal', '0x10'],
    ['white space', ' 100'],
    ['a line break', '100\n'],
    ['a comma', '100,00'],
    ['full-width digits', '１００'],
    ['a point without digits', '1.'],
    ['a point without a whole part', '.5'],
    ['two points', '1.0.0'],
  ])('refuses %s', (_what, text) => {
    expect(normalizeAmount(text)).toBeUndefined();
  });

  it('keeps every cent of random amounts, however they are written', () => {
    for (let round = 0; round < 2000; round++) {
      const cents = randomCents();
      const normal = `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
      for (const text of waysToWrite(cents)) expect([text, normalizeAmount(text)]).toEqual([text, normal]);
      expect(isNormalAmount(normal)).toBe(true);
    }
  });
});

describe('isHttpAmount', () => {
  it.each(['1', '100', '100.5', '100.00', '0.01', '00100', '99999999999999999.99'])('accepts %s', (text) => {
    expect(isHttpAmount(text)).toBe(true);
    expect(isNormalAmount(normalizeAmount(text))).toBe(true);
  });

  it.each([
    ['-1'],
    ['0'],
    ['0.00'],
    ['1e3'],
    ['NaN'],
    ['100.001'],
    ['1'.repeat(20)],
    ['１００'],
    [''],
    [' 1'],
    ['1\n'],
    ['1.'],
    ['+1'],
    [100],
    [null],
    [undefined],
    [['1', '2']],
    [{}],
  ])('refuses %j', (value) => {
    expect(isHttpAmount(value)).toBe(false);
  });
});

function randomCents(): bigint {
  const digits = 1 + Math.floor(Math.random() * 19);
  let text = String(1 + Math.floor(Math.random() * 9));
  while (text.length < digits) text += String(Math.floor(Math.random() * 10));
  return BigInt(text);
}

function waysToWrite(cents: bigint): string[] {
  const digits = String(cents);
  return [
    `${digits}e-2`,
    `${digits}00E-4`,
    `${digits[0] ?? ''}.${digits.slice(1)}0e${digits.length - 3}`,
    `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}00`,
  ];
}
