import { InvalidArgumentError } from '../errors/index.js';

/**
 * A txNo needs no escaping in URLs, logs or message keys. "." and ".." are none: at the end of a path, clients take them for
 * folders (WHATWG URL).
 */
export const TX_NO_PATTERN = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,64}$/;

export function isTxNo(value: unknown): value is string {
  return typeof value === 'string' && TX_NO_PATTERN.test(value);
}

/** @throws InvalidArgumentError when `txNo` is none */
export function requireTxNo(txNo: unknown): void {
  if (!isTxNo(txNo)) throw new InvalidArgumentError('txNo', txNo, `it must match ${TX_NO_PATTERN.source}`);
}
