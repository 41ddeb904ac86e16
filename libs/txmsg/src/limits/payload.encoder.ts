import { MessageTooLargeError } from '../errors/index.js';
import { excessOf } from './json-limits.js';
import type { MessageLimits } from './message-limits.js';

/**
 * The body of a message that carries these contents.
 * @throws MessageTooLargeError when a consumer with the same limits would refuse to read it
 */
export function encodePayload(contents: { toBody(): Buffer }, limits: MessageLimits): Buffer {
  const body = contents.toBody();
  const excess = excessOf(body, limits);
  if (excess !== undefined) throw new MessageTooLargeError(body.length, excess);
  return body;
}
