import { MalformedFrameError } from '../errors/index.js';
import { WireReader } from './wire-reader.js';

/** What a frame is, by its number on the wire. ONE_WAY: a request that is not answered. */
export const FRAME_KINDS = ['REQUEST', 'RESPONSE', 'ONE_WAY', 'PING', 'PONG'] as const;
/** One of `FRAME_KINDS`. */
export type FrameKind = (typeof FRAME_KINDS)[number];

/** One unit of the protocol. */
export interface Frame {
  readonly kind: FrameKind;
  /** An answer has the id of what it answers. */
  readonly id: number;
  /** Empty for PING and PONG. */
  readonly body: Buffer;
}

/** A longer frame is skipped by the coordinator without an answer, so none is sent, and one that comes is refused. */
export const FRAME_BYTES_MAX = 8 * 1024 * 1024;
/** The head without its map. */
export const HEAD_BYTES = 16;
const MAGIC = 0xdada;
const VERSION = 1;
const CODEC_SEATA = 1;
const COMPRESSOR_NONE = 0;

/** How many bytes a frame with this body has. */
export function frameBytes(body: Buffer): number {
  return HEAD_BYTES + body.length;
}

/** The frame as it is sent. Who sends has checked its length. */
export function encodeFrame({ kind, id, body }: Frame): Buffer {
  const bytes = Buffer.allocUnsafe(frameBytes(body));
  bytes.writeUInt16BE(MAGIC, 0);
  bytes.writeUInt8(VERSION, 2);
  bytes.writeInt32BE(bytes.length, 3);
  bytes.writeInt16BE(HEAD_BYTES, 7);
  bytes.writeUInt8(FRAME_KINDS.indexOf(kind), 9);
  bytes.writeUInt8(CODEC_SEATA, 10);
  bytes.writeUInt8(COMPRESSOR_NONE, 11);
  bytes.writeInt32BE(id, 12);
  body.copy(bytes, HEAD_BYTES);
  return bytes;
}

/** How long the frame is that begins with this head. @throws MalformedFrameError */
export function frameLength(head: Buffer): number {
  const reader = new WireReader(head);
  const magic = reader.i16() & 0xffff;
  if (magic !== MAGIC) throw new MalformedFrameError(`a frame that begins with ${magic.toString(16)}`);
  const version = reader.u8();
  if (version !== VERSION) throw new MalformedFrameError(`a frame of version ${version}`);
  const length = reader.i32();
  const headLength = reader.i16();
  if (length > FRAME_BYTES_MAX) {
    throw new MalformedFrameError(`a frame of ${length} bytes, more than ${FRAME_BYTES_MAX}`);
  }
  if (headLength < HEAD_BYTES || headLength > length) {
    throw new MalformedFrameError(`a frame of ${length} bytes with a head of ${headLength}`);
  }
  return length;
}

/** Reads one whole frame. @throws MalformedFrameError */
export function decodeFrame(bytes: Buffer): Frame {
  const headLength = bytes.readInt16BE(7);
  const kind = FRAME_KINDS[bytes.readUInt8(9)];
  if (kind === undefined) throw new MalformedFrameError(`a frame of the unknown kind ${bytes.readUInt8(9)}`);
  checkMap(bytes.subarray(HEAD_BYTES, headLength));
  const body = bytes.subarray(headLength);
  if (kind !== 'PING' && kind !== 'PONG') checkEncoding(bytes.readUInt8(10), bytes.readUInt8(11));
  return { kind, id: bytes.readInt32BE(12), body };
}

function checkEncoding(codec: number, compressor: number): void {
  if (codec !== CODEC_SEATA) throw new MalformedFrameError(`a body in the unknown codec ${codec}`);
  if (compressor !== COMPRESSOR_NONE) {
    throw new MalformedFrameError(`a body in the unknown compressor ${compressor}`);
  }
}

/** Pairs of texts, of which this library needs none; their lengths must not lie. */
function checkMap(map: Buffer): void {
  const reader = new WireReader(map);
  while (reader.left > 0) {
    reader.s16();
    reader.s16();
  }
}
