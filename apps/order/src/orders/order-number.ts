import { createHash } from 'node:crypto';

const DIGITS = 24;

/**
 * The number of the order that this txNo makes. It is computed and not drawn, because the message carries it: a repeated
 * call must send the same contents, or the barrier would take it for another order under a used txNo. And a caller who
 * was told UNKNOWN knows under which number to look. It is a hash, so that whoever chooses the txNo does not choose
 * the number too; 96 bits of it do not collide.
 */
export function orderNoOf(txNo: string): string {
  return `o-${createHash('sha256').update(txNo).digest('hex').slice(0, DIGITS)}`;
}
