import { describe, expect, it } from '@jest/globals';
import { hashPassword, isPasswordOf, parsePasswordHash } from './password-hash.js';

const CHEAP = { N: 1024, r: 8, p: 1 };

describe('the hash of a password', () => {
  it('knows its password again, and no other', async () => {
    const stored = parsePasswordHash(await hashPassword('correct horse', CHEAP));
    expect(stored).toMatchObject(CHEAP);
    expect(await isPasswordOf('correct horse', stored)).toBe(true);
    for (const other of ['correct Horse', 'correct horse ', '']) {
      expect(await isPasswordOf(other, stored)).toBe(false);
    }
  });

  it('takes two spellings of one text for one password', async () => {
    const stored = parsePasswordHash(await hashPassword('caf\u00e9 noir', CHEAP));
    expect(await isPasswordOf('cafe\u0301 noir', stored)).toBe(true);
  });

  it('has a salt of its own, and holds nothing of the password', async () => {
    const [one, other] = [
      await hashPassword('correct horse', CHEAP),
      await hashPassword('correct horse', CHEAP),
    ];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^scrypt\$1024\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  });

  it.each(['', 'none', 'scrypt$1024$8$1$short$short', 'bcrypt$1$1$1$a$b'])('is not %j', (text) => {
    expect(() => parsePasswordHash(text)).toThrow(RangeError);
  });
});
