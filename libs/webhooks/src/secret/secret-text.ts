import { InvalidArgumentError } from 'txmsg';

const PREFIX = 'whsec_';
/** Standard Webhooks: 192 to 512 bits. */
const BYTES_MIN = 24;
const BYTES_MAX = 64;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const SECRET_RULE = `it must be "${PREFIX}" followed by ${BYTES_MIN} to ${BYTES_MAX} bytes in base64`;

/** Whether it is a secret as Standard Webhooks writes one. */
export function isSecret(text: unknown): text is string {
  if (typeof text !== 'string' || text.length > 128 || !text.startsWith(PREFIX)) return false;
  const encoded = text.slice(PREFIX.length);
  const { length } = Buffer.from(encoded, 'base64');
  return BASE64.test(encoded) && length >= BYTES_MIN && length <= BYTES_MAX;
}

/** @throws InvalidArgumentError, which does not show the value */
export function requireSecret(text: unknown): asserts text is string {
  if (!isSecret(text)) throw new InvalidArgumentError('secret', '(not shown)', SECRET_RULE);
}
