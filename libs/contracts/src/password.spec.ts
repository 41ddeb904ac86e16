import { describe, expect, it } from '@jest/globals';
import { validateSync } from 'class-validator';
import { IsPassword, PASSWORD_RULE } from './password.js';

class Body {
  @IsPassword()
  readonly password: unknown;

  constructor(password: unknown) {
    this.password = password;
  }
}
const rulesOf = (password: unknown): string[] =>
  validateSync(new Body(password)).flatMap(({ constraints = {} }) => Object.values(constraints));

describe('a password', () => {
  it.each(['12345678', ' '.repeat(8), '😀'.repeat(128), 'a\nb\u0000cdefg'])('may be %j', (password) => {
    expect(rulesOf(password)).toEqual([]);
  });

  it.each(['1234567', 'a'.repeat(129), `${'a'.repeat(8)}\ud800`, 12345678, null, undefined, ['12345678']])(
    'is refused: %j',
    (password) => {
      expect(rulesOf(password)).toEqual([PASSWORD_RULE]);
    },
  );
});
