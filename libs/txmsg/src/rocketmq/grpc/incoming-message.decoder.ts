import { unzipSync } from 'node:zlib';
import { bornAtMsOf, cutBody, type IncomingMessage, type MessageHead } from '../../broker/index.js';
import { DEFAULT_MESSAGE_LIMITS } from '../../limits/index.js';
import { Encoding, type WireMessage } from './client-protocol.js';
import type { StoredTimes } from '../clock.watch.js';

/** The client's typings refer to types of google-protobuf that it does not bring along; these are what is used. */
interface WireMap {
  entries(): Iterable<[string, string]>;
}
interface WireTimestamp {
  toDate(): Date;
}

/**
 * Reads one message as it came over the wire. Never throws, so an unreadable message does not affect the others, and
 * keeps nothing of `message`, so that a large one is free as soon as it is cut.
 *
 * rocketmq-client-nodejs 1.0.8 decodes a whole batch at once and understands gzip only, while Java senders
 * compress bodies over 4 KB with zlib under the same flag: one such message and the batch is lost
 * ("incorrect header check"), again and again.
 * Tests: incoming-message.decoder.spec.ts; rocketmq-consumer.int-spec.ts, "delivers a compressed message".
 */
export function decodeMessage(
  message: WireMessage,
  bodyBytesMax = DEFAULT_MESSAGE_LIMITS.bodyBytesMax,
): IncomingMessage {
  const encoding = message.getSystemProperties()?.getBodyEncoding();
  return { ...decodeHead(message), ...takeBody(message.getBody_asU8(), encoding, bodyBytesMax) };
}

/** Everything but the body, which is neither copied nor inflated. */
export function decodeHead(message: WireMessage): MessageHead {
  const system = message.getSystemProperties();
  const userProperties = message.getUserPropertiesMap() as unknown as WireMap;
  return {
    messageId: system?.getMessageId() ?? '',
    topic: message.getTopic()?.getName() ?? '',
    keys: system?.getKeysList() ?? [],
    properties: Object.fromEntries(userProperties.entries()),
    bornAtMs: bornAtMsOf(timeOf(system?.getBornTimestamp())),
  };
}

/** When it was sent and stored, and by whom. */
export function storedTimesOf(message: WireMessage): StoredTimes {
  const system = message.getSystemProperties();
  return {
    messageId: system?.getMessageId() ?? '',
    bornHost: system?.getBornHost() ?? '',
    bornAtMs: bornAtMsOf(timeOf(system?.getBornTimestamp())),
    storedAtMs: timeOf(system?.getStoreTimestamp()),
  };
}

/** In ms since the epoch; undefined where the message carries none. */
function timeOf(timestamp: unknown): number | undefined {
  return (timestamp as WireTimestamp | undefined)?.toDate().getTime();
}

function takeBody(
  wire: Uint8Array,
  encoding: number | undefined,
  bytesMax: number,
): Pick<IncomingMessage, 'body' | 'cut'> {
  const isCompressed = encoding === Encoding.GZIP;
  if (wire.length > bytesMax) return cutBody(wire, bytesMax, isCompressed);
  if (!isCompressed) return { body: Buffer.from(wire) };
  try {
    // unzip recognises gzip and zlib by their first bytes. It stops as soon as there is too much: a body of 61 KB may
    // inflate to 63 MB.
    return { body: unzipSync(wire, { maxOutputLength: bytesMax }) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ERR_BUFFER_TOO_LARGE' ? cutBody(wire, bytesMax, true) : { body: Buffer.from(wire) };
  }
}
