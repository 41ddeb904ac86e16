import { InvalidArgumentError, MessageTooLargeError } from '../errors/index.js';
import { cutText } from '../errors/cut-text.js';
import { excessOf } from './json-limits.js';
import type { MessageLimits } from './message-limits.js';

const BRACE = 0x7b;
const SHOWN_CHARACTERS_MAX = 100;

/**
 * The body of a message that carries these contents.
 * @throws InvalidArgumentError when consumers could not read it: it is no JSON object, or (MessageTooLargeError) larger than
 * a consumer with the same limits reads
 */
export function encodePayload(contents: { toBody(): Buffer }, limits: MessageLimits): Buffer {
  const body = encodeContents(contents, limits);
  if (body[0] !== BRACE) {
    throw new InvalidArgumentError(
      'payload',
      cutText(body.toString('utf8'), SHOWN_CHARACTERS_MAX),
      'it must be a JSON object with named fields; put an array, a text or a Date into one',
    );
  }
  return body;
}

/** @throws MessageTooLargeError when they are larger than the limits allow */
export function encodeContents(contents: { toBody(): Buffer }, limits: MessageLimits): Buffer {
  const body = contents.toBody();
  const excess = excessOf(body, limits);
  if (excess !== undefined) throw new MessageTooLargeError(body.length, excess);
  return body;
}
