import { inflateSync } from 'node:zlib';
import { bornAtMsOf, cutBody, type IncomingMessage, type MessageHead } from '../../broker/index.js';
import { DEFAULT_MESSAGE_LIMITS } from '../../limits/index.js';
import { MalformedFrameError } from './remoting.errors.js';
import { readProperties, userProperties, type Properties } from './message-properties.js';

/** A message as the broker stores it, with what the adapter itself needs of it. */
export interface StoredMessage {
  readonly head: MessageHead;
  /** As it came; a part of what the socket delivered. */
  readonly wireBody: Buffer;
  readonly isCompressed: boolean;
  /** The topic that it is stored in: for a redelivered message this may be the group's retry topic. */
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  /** How often it was delivered again. */
  readonly redeliveries: number;
  readonly storedAtMs: number;
  /** The sender's address; empty where it is an IPv6 one. */
  readonly bornHost: string;
  readonly properties: Properties;
}

const IPV4_HOST_BYTES = 8;
const IPV6_HOST_BYTES = 20;
/** Bits of sysFlag, see MessageSysFlag of 5.4.0. */
const COMPRESSED = 0x1;
const COMPRESSION_KIND = 0x700;
const ZLIB_KINDS = [0, 0x300];
const BORN_HOST_IPV6 = 0x10;
const STORE_HOST_IPV6 = 0x20;
/** The magic number of messages whose topic has a two-byte length field. */
const MAGIC_V2 = -626_843_477;
const FIXED_BYTES = 48;

/** Reads the messages that stand one behind the other in `bytes`. @throws MalformedFrameError */
export function decodeStoredMessages(bytes: Buffer): StoredMessage[] {
  const messages: StoredMessage[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = bytes.length - at < 4 ? 0 : bytes.readInt32BE(at);
    if (size < FIXED_BYTES || size > bytes.length - at) {
      throw new MalformedFrameError(`a stored message of ${size} bytes, where ${bytes.length - at} are left`);
    }
    messages.push(decodeStoredMessage(bytes.subarray(at, at + size)));
    at += size;
  }
  return messages;
}

function decodeStoredMessage(bytes: Buffer): StoredMessage {
  try {
    return readStoredMessage(bytes);
  } catch (error) {
    // Reading beyond the end of the message.
    throw new MalformedFrameError(`a stored message is cut off: ${String(error)}`);
  }
}

/** As MessageDecoder of 5.4.0 does. Reading beyond the end throws a RangeError. */
function readStoredMessage(bytes: Buffer): StoredMessage {
  const sysFlag = bytes.readInt32BE(36);
  let at = FIXED_BYTES + ((sysFlag & BORN_HOST_IPV6) === 0 ? IPV4_HOST_BYTES : IPV6_HOST_BYTES);
  const storedAtMs = Number(bytes.readBigInt64BE(at));
  at += 8 + ((sysFlag & STORE_HOST_IPV6) === 0 ? IPV4_HOST_BYTES : IPV6_HOST_BYTES);
  const redeliveries = bytes.readInt32BE(at);
  const body = sized(bytes, at + 16, bytes.readInt32BE(at + 12));
  at += 16 + body.length;
  const topicLengthBytes = bytes.readInt32BE(4) === MAGIC_V2 ? 2 : 1;
  const topic = sized(bytes, at + topicLengthBytes, bytes.readUIntBE(at, topicLengthBytes)).toString();
  at += topicLengthBytes + Buffer.byteLength(topic);
  const properties = readProperties(sized(bytes, at + 2, bytes.readInt16BE(at)).toString());
  return {
    head: {
      messageId: properties.UNIQ_KEY ?? '',
      topic,
      keys: (properties.KEYS ?? '').split(' ').filter((key) => key !== ''),
      properties: userProperties(properties),
      bornAtMs: bornAtMsOf(Number(bytes.readBigInt64BE(40))),
    },
    wireBody: body,
    isCompressed: (sysFlag & COMPRESSED) !== 0 && ZLIB_KINDS.includes(sysFlag & COMPRESSION_KIND),
    topic,
    queueId: bytes.readInt32BE(12),
    queueOffset: Number(bytes.readBigInt64BE(20)),
    redeliveries,
    storedAtMs,
    bornHost: (sysFlag & BORN_HOST_IPV6) === 0 ? bytes.subarray(48, 52).join('.') : '',
    properties,
  };
}

function sized(bytes: Buffer, at: number, length: number): Buffer {
  if (length < 0 || at + length > bytes.length) throw new RangeError('a part is longer than its message');
  return bytes.subarray(at, at + length);
}

/**
 * The message with its body, which is copied: the rest of the answer that it came in is then free. A body that cannot
 * be inflated is delivered as it came, so that an unreadable message does not affect the others.
 */
export function incomingMessageOf(
  { head, wireBody, isCompressed }: StoredMessage,
  bodyBytesMax = DEFAULT_MESSAGE_LIMITS.bodyBytesMax,
): IncomingMessage {
  if (wireBody.length > bodyBytesMax) return { ...head, ...cutBody(wireBody, bodyBytesMax, isCompressed) };
  if (!isCompressed) return { ...head, body: Buffer.from(wireBody) };
  try {
    return { ...head, body: inflateSync(wireBody, { maxOutputLength: bodyBytesMax }) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') return { ...head, ...cutBody(wireBody, bodyBytesMax, true) };
    return { ...head, body: Buffer.from(wireBody) };
  }
}
