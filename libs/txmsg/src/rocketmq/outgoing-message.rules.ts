import type { OutgoingMessage } from '../broker/index.js';
import { InvalidArgumentError } from '../errors/index.js';
import { isReservedPropertyName } from './reserved-property-names.js';

/** RocketMQ separates properties by control characters and keys by blanks: either would change the message. */
const CONTROL_CHARACTER = /\p{Cc}/u;
const BLANK_OR_CONTROL_CHARACTER = /[\s\p{Cc}]/u;

/** What RocketMQ takes in one message unless it is told otherwise. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** @throws InvalidArgumentError when `message` would arrive changed, or not at all */
export function refuseUnfitMessage(
  message: OutgoingMessage,
  ownTopic: string,
  bodyBytesMax = BODY_BYTES_MAX,
): void {
  validateTopic(message.topic, ownTopic);
  validateKey(message.key);
  validateProperties(message.properties);
  validateBody(message.body, bodyBytesMax);
}

function validateTopic(topic: string, ownTopic: string): void {
  if (topic === ownTopic) return;
  throw new InvalidArgumentError('topic', topic, `this producer sends to topic "${ownTopic}" only`);
}

function validateKey(key: string): void {
  if (key !== '' && !BLANK_OR_CONTROL_CHARACTER.test(key)) return;
  throw new InvalidArgumentError('key', key, 'a key is not empty and has no blanks or control characters');
}

function validateProperties(properties: OutgoingMessage['properties']): void {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value !== 'string') {
      throw new InvalidArgumentError(`properties.${name}`, value, 'property values are strings');
    }
    if (name === '' || CONTROL_CHARACTER.test(name) || CONTROL_CHARACTER.test(value)) {
      const rule = 'property names are not empty, and names and values have no control characters';
      throw new InvalidArgumentError(`properties.${name}`, value, rule);
    }
    if (isReservedPropertyName(name)) {
      throw new InvalidArgumentError(`properties.${name}`, value, 'RocketMQ keeps this name for itself');
    }
  }
}

function validateBody(body: unknown, bytesMax: number): void {
  if (!Buffer.isBuffer(body)) {
    throw new InvalidArgumentError('body', typeof body, 'a message body is a Buffer');
  }
  if (body.length === 0) {
    throw new InvalidArgumentError('body', '', 'RocketMQ refuses an empty body');
  }
  if (body.length > bytesMax) {
    throw new InvalidArgumentError(
      'body',
      `${body.length} bytes`,
      `the broker takes at most ${bytesMax} bytes`,
    );
  }
}
