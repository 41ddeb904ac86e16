import { MessageTooLargeError } from '../errors/index.js';
import { excessOf } from './json-limits.js';
import type { MessageLimits } from './message-limits.js';

/**
 * The body of a message that carries `payload`.
 * @throws MessageTooLargeError when a consumer with the same limits would refuse to read it
 */
export function encodePayload(payload: object, limits: MessageLimits): Buffer {
  const body = Buffer.from(JSON.stringify(payload), 'utf8');
  const excess = excessOf(body, limits);
  if (excess !== undefined) throw new MessageTooLargeError(body.length, excess);
  return body;
}
