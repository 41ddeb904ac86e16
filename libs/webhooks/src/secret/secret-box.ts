import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const MARK_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The rule for one key, in words. */
export const KEY_RULE = `${KEY_BYTES} bytes in base64 (openssl rand -base64 ${KEY_BYTES})`;

/** The key's bytes; undefined when the text breaks `KEY_RULE`. */
export function keyBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === KEY_BYTES && bytes.toString('base64') === text ? bytes : undefined;
}

/** A sealed secret cannot be opened: its key is not among the configured ones, or the row was changed. */
export class SecretUnreadableError extends Error {
  override readonly name = 'SecretUnreadableError';
}

/**
 * Seals secrets with AES-256-GCM: mark of the key, nonce, tag, ciphertext. What is sealed is bound to its place, so that
 * a row copied to another subscriber opens nothing. The first key seals, every one opens what it sealed: a key is changed
 * by putting the new one in front of the old.
 */
export class SecretBox {
  private readonly keys: readonly { readonly mark: Buffer; readonly key: Buffer }[];

  /** @param keys - at least one, each of 32 bytes */
  constructor(keys: readonly Buffer[]) {
    this.keys = keys.map((key) => ({ key, mark: markOf(key) }));
  }

  seal(secret: string, place: string): Buffer {
    const [first] = this.keys;
    if (first === undefined) throw new Error('There is no key to seal a secret with.');
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', first.key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([first.mark, iv, cipher.getAuthTag(), text]);
  }

  /** @throws SecretUnreadableError */
  open(sealed: Buffer, place: string): string {
    const mark = sealed.subarray(0, MARK_BYTES);
    const found = this.keys.find((one) => one.mark.equals(mark));
    if (found === undefined) {
      throw new SecretUnreadableError(
        `The secret of ${place} was sealed with a key that is not configured: put that key back beside the newer one.`,
      );
    }
    const ivEnd = MARK_BYTES + IV_BYTES;
    try {
      const iv = sealed.subarray(MARK_BYTES, ivEnd);
      const decipher = createDecipheriv('aes-256-gcm', found.key, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(sealed.subarray(ivEnd, ivEnd + TAG_BYTES));
      const text = sealed.subarray(ivEnd + TAG_BYTES);
      return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
    } catch (error) {
      throw new SecretUnreadableError(`The stored secret of ${place} was changed, or belongs elsewhere.`, {
        cause: error,
      });
    }
  }
}

function markOf(key: Buffer): Buffer {
  return createHash('sha256').update('webhooks key').update(key).digest().subarray(0, MARK_BYTES);
}
