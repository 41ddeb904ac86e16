import { describe, expect, it } from '@jest/globals';
import { isIdentifier } from './identifier.js';

describe('isIdentifier', () => {
  it.each(['1', 'a', 'A.b_c:d-9', '...', '.a', ':', '_', '-', '9223372036854775807', 'x'.repeat(64)])(
    'accepts %s',
    (value) => {
      expect(isIdentifier(value)).toBe(true);
    },
  );

  it.each([
    [''],
    ['.'],
    ['..'],
    ['x'.repeat(65)],
    ['a b'],
    ['a\n'],
    ['a/b'],
    ['a%62'],
    ["a'b"],
    ['１'],
    ['é'],
    ['a\u0000'],
    [1],
    [null],
    [undefined],
    [['a']],
    [{ toString: () => 'a' }],
  ])('refuses %j', (value) => {
    expect(isIdentifier(value)).toBe(false);
  });

  it('accepts exactly the allowed characters out of all 65,536', () => {
    const allowed = Array.from({ length: 65_536 }, (_none, code) => String.fromCharCode(code)).filter(
      (character) => isIdentifier(`a${character}`),
    );
    expect(allowed.join('')).toBe('-.0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz');
  });
});
