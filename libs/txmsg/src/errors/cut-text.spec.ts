import { describe, expect, it } from '@jest/globals';
import { cutText, excerpt, quoted } from './cut-text.js';
import { InvalidArgumentError, PoisonMessageError } from './index.js';

const LONG = 'x'.repeat(1_000_000);

describe('text of strangers in errors', () => {
  it('is cut by characters, never through one', () => {
    expect(cutText('转账🏦🏦', 3)).toBe('转账🏦');
    expect(cutText('🏦'.repeat(5), 2)).toBe('🏦🏦');
    expect(cutText('short', 5)).toBe('short');
  });

  it('says that it goes on', () => {
    expect(excerpt(LONG, 5)).toBe('xxxxx…');
    expect(excerpt('xxxxx', 5)).toBe('xxxxx');
  });

  it('is quoted, whatever it is', () => {
    expect([quoted('a"b'), quoted(1), quoted(undefined), quoted({ a: 1 })]).toEqual([
      '"a\\"b"',
      '1',
      'undefined',
      '{ a: 1 }',
    ]);
    expect(quoted(LONG).length).toBeLessThan(300);
    expect(quoted([LONG]).length).toBeLessThan(300);
  });

  it('never makes an error as long as itself', () => {
    expect(new InvalidArgumentError('txNo', LONG, 'a rule').message).toMatch(
      /^txNo "x+….* is refused: a rule$/,
    );
    expect(new InvalidArgumentError('txNo', LONG, 'a rule').message.length).toBeLessThan(300);
    expect(new PoisonMessageError(LONG).message.length).toBeLessThan(1100);
  });
});
