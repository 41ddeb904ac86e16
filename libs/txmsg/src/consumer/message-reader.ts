import { plainToInstance } from 'class-transformer';
import { validate, type ValidationError } from 'class-validator';
import { isSafeNumber, LosslessNumber, parse } from 'lossless-json';
import { Contents } from '../barrier/index.js';
import { firstSentAtMs, isInfrastructureFailure, type IncomingMessage } from '../broker/index.js';
import { withDeadline } from '../deadline/index.js';
import { excerpt, quoted } from '../errors/cut-text.js';
import { DatabaseUnavailableError, PoisonMessageError } from '../errors/index.js';
import { MessageExpiredError } from '../errors/message.errors.js';
import { excessOf, isTxNo, TX_NO_PATTERN } from '../limits/index.js';
import type { MessageProcessing } from '../telemetry/index.js';
import type { MessageItem } from './message-handler.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';

/** A message that was read and validated. */
export interface ReadMessage {
  readonly txNo: string;
  readonly message: IncomingMessage;
  readonly contents: Contents;
  readonly contentsHash: Buffer;
}

/** One that is being processed; `Consumption` ends that when it knows the result. */
export interface ProcessedMessage extends ReadMessage {
  readonly processing: MessageProcessing;
}

/** Each item of a long list may break a rule; an error names at most so many. */
const RULES_TOLD_MAX = 20;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Turns a message's body into the listener's payload class, with defaults filled in, and hashes the result.
 *
 * Numbers are read from the source text: one whose digits a JavaScript number holds becomes a `number`; any other
 * (a 19-digit id, a large amount) becomes a `LosslessNumber` for the class's transforms to deal with.
 * @throws PoisonMessageError - the message cannot be read at any later delivery either
 */
export async function readMessage(
  message: IncomingMessage,
  listener: RegisteredMessageListener,
): Promise<ReadMessage> {
  refuseTooLarge(message, listener);
  const payload = await toPayload(parseBody(message.body), listener);
  const { txNo, contents } = readContents(payload, listener);
  return { txNo, message, contents, contentsHash: contents.hash };
}

/**
 * For an operator, who waits for it.
 * @throws PoisonMessageError; DatabaseUnavailableError when a validator of the payload class does not answer in time
 */
export function readMessageInTime(
  message: IncomingMessage,
  listener: RegisteredMessageListener,
  timeoutMs: number,
): Promise<ReadMessage> {
  const late = (): Error =>
    new DatabaseUnavailableError(`The message could not be read within ${timeoutMs} ms; nothing was done.`);
  return withDeadline(readMessage(message, listener), timeoutMs, late);
}

/** Undefined as long as no barrier row of this message can have been deleted. */
export function expiryOf(
  message: IncomingMessage,
  barrierRetentionMs: number,
): MessageExpiredError | undefined {
  const sentAtMs = firstSentAtMs(message);
  if (sentAtMs === undefined || Date.now() - sentAtMs <= barrierRetentionMs) return undefined;
  return new MessageExpiredError(sentAtMs);
}

/** What one call of the handler gets: copies, because an earlier call may have changed its own. */
export function itemOf({ txNo, contents, message }: ReadMessage): MessageItem<object> {
  const { body, keys, properties } = message;
  const copy = { ...message, body: Buffer.from(body), keys: [...keys], properties: { ...properties } };
  return { txNo, payload: contents.copy(), message: copy };
}

/** Calls the listener's own functions; they are deterministic, so what they throw now they throw at every delivery. */
function readContents(
  payload: object,
  listener: RegisteredMessageListener,
): { txNo: string; contents: Contents } {
  let contents: Contents;
  let txNo: unknown;
  try {
    const normalized = listener.normalize(payload);
    txNo = listener.txNo(normalized);
    contents = Contents.of(normalized);
  } catch (error) {
    throw new PoisonMessageError(`its txNo or contents cannot be found (${asText(error)})`, { cause: error });
  }
  if (!isTxNo(txNo)) {
    throw new PoisonMessageError(`its txNo ${quoted(txNo)} does not match ${TX_NO_PATTERN.source}`);
  }
  return { txNo, contents };
}

/** Called before parsing, which could take all the memory, or block the process for seconds. */
function refuseTooLarge({ cut, body }: IncomingMessage, { limits }: RegisteredMessageListener): void {
  if (cut !== undefined) {
    const form = cut.compressed ? 'compressed ' : '';
    const rule = `more than ${limits.bodyBytesMax} are not read (messageLimits.bodyBytesMax)`;
    throw new PoisonMessageError(`its body of ${cut.bytes} ${form}bytes was cut; ${rule}`);
  }
  const excess = excessOf(body, limits);
  if (excess !== undefined) throw new PoisonMessageError(`${excess}; see the option messageLimits`);
}

/** class-transformer 0.5.1 creates an instance without arguments before it copies the fields; LosslessNumber would throw. */
class ExactNumber extends LosslessNumber {
  constructor(text = '0') {
    super(text);
  }
}

/** In JSON without white space: a number whose digits a JavaScript number may not hold; and a key that would be the prototype. */
const NOT_PLAIN = /[:,[]-?(?:\d{16}|[\d.]+e)|__proto__/;

function parseBody(body: Buffer): unknown {
  try {
    const text = utf8.decode(body);
    return (
      plainJson(text) ??
      parse(text, undefined, (number) => (isSafeNumber(number) ? Number(number) : new ExactNumber(number)))
    );
  } catch (error) {
    throw new PoisonMessageError(`its body is not JSON in UTF-8 (${asText(error)})`, { cause: error });
  }
}

/**
 * By the engine's own parser, four times as fast, what it and `parse` read alike: text that comes back from it unchanged, with
 * every digit and every key. Undefined for anything else, text that is no JSON among it.
 */
function plainJson(text: string): unknown {
  if (NOT_PLAIN.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

async function toPayload(json: unknown, listener: RegisteredMessageListener): Promise<object> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new PoisonMessageError('its body is not a JSON object');
  }
  let payload: object;
  let errors: ValidationError[];
  try {
    payload = plainToInstance<object, object>(listener.payload, json);
    errors = await validate(payload, { whitelist: true, forbidUnknownValues: true });
  } catch (error) {
    // A validator of the service may have asked the database.
    if (isInfrastructureFailure(error)) throw error;
    throw new PoisonMessageError(
      `its body cannot be turned into ${listener.payload.name} (${asText(error)})`,
      {
        cause: error,
      },
    );
  }
  if (errors.length > 0)
    throw new PoisonMessageError(rulesBroken(errors).slice(0, RULES_TOLD_MAX).join('; '));
  return payload;
}

function rulesBroken(errors: readonly ValidationError[], path = ''): string[] {
  return errors.flatMap((error) => {
    const field = excerpt(`${path}${error.property}`, 100);
    const own = Object.values(error.constraints ?? {}).map((rule) => excerpt(`${field}: ${rule}`));
    return [...own, ...rulesBroken(error.children ?? [], `${field}.`)];
  });
}

function asText(error: unknown): string {
  return excerpt(error instanceof Error ? error.message : String(error));
}
