import { unzipSync } from 'node:zlib';
import type { IncomingMessage } from '../broker/index.js';
import { Encoding, type WireMessage } from './client-protocol.js';
import type { StoredTimes } from './clock.watch.js';

/** The client's typings refer to types of google-protobuf that it does not bring along; these are what is used. */
interface WireMap {
  entries(): Iterable<[string, string]>;
}
interface WireTimestamp {
  toDate(): Date;
}

/** A compressed body that would grow beyond this is not inflated: a few bytes could fill the memory. */
const INFLATED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Reads one message as it came over the wire. Never throws, so a message that cannot be read costs nobody else.
 *
 * rocketmq-client-nodejs 1.0.8 decodes a whole batch at once and understands gzip only, while Java senders
 * compress bodies over 4 KB with zlib under the same flag: one such message and the batch is lost
 * ("incorrect header check"), again and again.
 * Tests: incoming-message.decoder.spec.ts; rocketmq-consumer.int-spec.ts, "delivers a compressed message".
 */
export function decodeMessage(message: WireMessage): IncomingMessage {
  const system = message.getSystemProperties();
  const userProperties = message.getUserPropertiesMap() as unknown as WireMap;
  return {
    messageId: system?.getMessageId() ?? '',
    topic: message.getTopic()?.getName() ?? '',
    keys: system?.getKeysList() ?? [],
    body: decodeBody(Buffer.from(message.getBody_asU8()), system?.getBodyEncoding()),
    properties: Object.fromEntries(userProperties.entries()),
    bornAtMs: timeOf(system?.getBornTimestamp()),
  };
}

/** When it was sent and stored, and by whom. */
export function storedTimesOf(message: WireMessage): StoredTimes {
  const system = message.getSystemProperties();
  return {
    messageId: system?.getMessageId() ?? '',
    bornHost: system?.getBornHost() ?? '',
    bornAtMs: timeOf(system?.getBornTimestamp()),
    storedAtMs: timeOf(system?.getStoreTimestamp()),
  };
}

/** In ms since the epoch; undefined where the message carries none. */
function timeOf(timestamp: unknown): number | undefined {
  return (timestamp as WireTimestamp | undefined)?.toDate().getTime();
}

function decodeBody(body: Buffer, encoding: number | undefined): Buffer {
  if (encoding !== Encoding.GZIP) return body;
  try {
    // unzip recognises gzip and zlib by their first bytes.
    return unzipSync(body, { maxOutputLength: INFLATED_BYTES_MAX });
  } catch {
    return body;
  }
}
