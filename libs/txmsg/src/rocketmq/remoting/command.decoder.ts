import { MalformedFrameError } from './remoting.errors.js';
import type { Fields, RemotingCommand } from './remoting-command.js';

const BINARY = 1;
const JSON_FORM = 0;
const BINARY_FIXED_BYTES = 21;

/** Reads one frame, without its length. @throws MalformedFrameError for whatever is not one */
export function decodeCommand(frame: Buffer): RemotingCommand {
  const mark = frame.readUInt32BE(0);
  const form = mark >>> 24;
  const headerEnd = 4 + (mark & 0xff_ffff);
  if (headerEnd > frame.length) throw new MalformedFrameError('the header is longer than its frame');
  const body = frame.subarray(headerEnd);
  if (form === BINARY) return decodeBinary(frame, headerEnd, body);
  if (form === JSON_FORM) return decodeJson(frame.toString('utf8', 4, headerEnd), body);
  throw new MalformedFrameError(`a header of the unknown form ${form}`);
}

interface JsonHeader {
  readonly code?: unknown;
  readonly flag?: unknown;
  readonly opaque?: unknown;
  readonly version?: unknown;
  readonly remark?: unknown;
  readonly extFields?: unknown;
}

function decodeJson(text: string, body: Buffer): RemotingCommand {
  const { code, flag, opaque, version, remark, extFields } = parseHeader(text);
  if (typeof code !== 'number' || typeof flag !== 'number' || typeof opaque !== 'number') {
    throw new MalformedFrameError('a header without code, flag or opaque');
  }
  return {
    code,
    flag,
    opaque,
    version: typeof version === 'number' ? version : 0,
    remark: typeof remark === 'string' ? remark : '',
    fields: textsOf(extFields),
    body,
  };
}

function parseHeader(text: string): JsonHeader {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === 'object' && header !== null) return header;
  } catch {
    // Reported below.
  }
  throw new MalformedFrameError('a header that is no JSON object');
}

function textsOf(extFields: unknown): Fields {
  if (typeof extFields !== 'object' || extFields === null) return {};
  const texts = Object.entries(extFields).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts);
}

function decodeBinary(frame: Buffer, headerEnd: number, body: Buffer): RemotingCommand {
  if (headerEnd < 4 + BINARY_FIXED_BYTES) throw new MalformedFrameError('a binary header is cut off');
  const remarkEnd = 21 + lengthAt(frame, 17, headerEnd);
  const fieldsEnd = remarkEnd + 4 + lengthAt(frame, remarkEnd, headerEnd);
  return {
    code: frame.readInt16BE(4),
    version: frame.readInt16BE(7),
    opaque: frame.readInt32BE(9),
    flag: frame.readInt32BE(13),
    remark: frame.toString('utf8', 21, remarkEnd),
    fields: decodeFields(frame, remarkEnd + 4, fieldsEnd),
    body,
  };
}

function decodeFields(frame: Buffer, begin: number, end: number): Fields {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  let at = begin;
  while (at < end) {
    if (end - at < 2) throw new MalformedFrameError('a field is cut off');
    const nameEnd = at + 2 + frame.readUInt16BE(at);
    const valueEnd = nameEnd + 4 + lengthAt(frame, nameEnd, end);
    fields[frame.toString('utf8', at + 2, nameEnd)] = frame.toString('utf8', nameEnd + 4, valueEnd);
    at = valueEnd;
  }
  return fields;
}

/** The four-byte length at `at`, whose text must end before `end`. */
function lengthAt(frame: Buffer, at: number, end: number): number {
  const length = end - at < 4 ? -1 : frame.readInt32BE(at);
  if (length < 0 || at + 4 + length > end) throw new MalformedFrameError('a text is longer than its header');
  return length;
}
