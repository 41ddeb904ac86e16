import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { InvalidArgumentError } from 'txmsg';
import { keyBytes, SecretBox, SecretUnreadableError } from './secret-box.js';
import { isSecret, requireSecret } from './secret-text.js';

const secretOf = (bytes: number): string => `whsec_${randomBytes(bytes).toString('base64')}`;

describe('SecretBox', () => {
  const [older, newer] = [randomBytes(32), randomBytes(32)];

  it('opens what it sealed, and never seals the same text to the same bytes', () => {
    const box = new SecretBox([newer]);
    const [one, other] = [box.seal('s', 'here'), box.seal('s', 'here')];
    expect(one.equals(other)).toBe(false);
    expect([box.open(one, 'here'), box.open(other, 'here')]).toEqual(['s', 's']);
    expect(one.includes(Buffer.from('s'))).toBe(one.toString('latin1').includes('s'));
  });

  it('opens what an older key sealed while that key is configured, and says what is missing when it is not', () => {
    const sealed = new SecretBox([older]).seal('text', 'here');
    expect(new SecretBox([newer, older]).open(sealed, 'here')).toBe('text');
    expect(() => new SecretBox([newer]).open(sealed, 'here')).toThrow(/key that is not configured/);
  });

  it('opens nothing at another place, and nothing that was changed', () => {
    const box = new SecretBox([newer]);
    const sealed = box.seal('text', 'here');
    expect(() => box.open(sealed, 'there')).toThrow(SecretUnreadableError);
    for (const index of [5, 20, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => box.open(changed, 'here')).toThrow(SecretUnreadableError);
    }
  });
});

describe('a key', () => {
  it.each([16, 31, 33])('of %i bytes is none', (bytes) => {
    expect(keyBytes(randomBytes(bytes).toString('base64'))).toBeUndefined();
  });
  it('is 32 bytes in base64', () => {
    expect(keyBytes(randomBytes(32).toString('base64'))).toHaveLength(32);
    expect(keyBytes('no base64 at all, but long enough to be some!')).toBeUndefined();
  });
});

describe('a secret', () => {
  it.each([24, 32, 64])('of %i bytes is one', (bytes) => {
    expect(isSecret(secretOf(bytes))).toBe(true);
  });

  it.each([
    secretOf(23),
    secretOf(65),
    randomBytes(32).toString('base64'),
    `whsec_${'*'.repeat(43)}=`,
    'whsec_',
    7,
    undefined,
  ])('is not %p, and the refusal does not show it', (text) => {
    expect(isSecret(text)).toBe(false);
    const refusal = (): void => {
      requireSecret(text);
    };
    expect(refusal).toThrow(InvalidArgumentError);
    expect(refusal).toThrow(/\(not shown\)/);
  });
});
