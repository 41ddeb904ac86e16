import { createHash } from 'node:crypto';
import stringify from 'safe-stable-stringify';

/**
 * SHA-256 over canonical contents: JSON with sorted keys, without white space. Hash what was validated and
 * normalised, never the bytes of a message: the same event may arrive in another key order.
 */
export function contentsHash(contents: object): Buffer {
  return createHash('sha256').update(stringify(contents)).digest();
}
