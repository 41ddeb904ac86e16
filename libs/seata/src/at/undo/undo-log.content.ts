import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { UndoLogDamagedError, UndoLogForeignError } from '../../errors/at.errors.js';

/** An undo log that is larger was not written by AT. */
const BYTES_MAX = 256 * 1024 * 1024;

const DECOMPRESSORS: Readonly<Record<string, (content: Buffer) => Buffer>> = {
  NONE: (content) => content,
  ZIP: unzipped,
  GZIP: (content) => gunzipSync(content, { maxOutputLength: BYTES_MAX }),
  DEFLATER: (content) => inflateSync(content, { maxOutputLength: BYTES_MAX }),
};

/**
 * The JSON of an undo log.
 * @param context - `serializer=jackson&compressorType=NONE`; Java compresses what has more than 64 kB
 * @throws UndoLogForeignError for another serializer or compressor; UndoLogDamagedError
 */
export function undoLogContent(context: string, content: Buffer): Buffer {
  const settings = new URLSearchParams(context);
  const serializer = settings.get('serializer') ?? 'jackson';
  if (serializer !== 'jackson') throw unread(`serializer=${serializer}`);
  const compressor = settings.get('compressorType') ?? 'NONE';
  const decompress = DECOMPRESSORS[compressor];
  if (decompress === undefined) throw unread(`compressorType=${compressor}`);
  try {
    return decompress(content);
  } catch (error) {
    throw new UndoLogDamagedError(`it is no content of compressorType=${compressor}`, { cause: error });
  }
}

const unread = (setting: string): UndoLogForeignError =>
  new UndoLogForeignError(
    `it is written with ${setting}, which this library does not read (client.undo.logSerialization=jackson and client.undo.compress.type=zip it reads)`,
  );

const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;

/** The first entry of a zip file, as java.util.zip.ZipOutputStream writes it: its sizes come after its data. */
function unzipped(file: Buffer): Buffer {
  if (file.readUInt32LE(0) !== LOCAL_HEADER) throw new Error('no zip file');
  const method = file.readUInt16LE(8);
  const begin = LOCAL_HEADER_BYTES + file.readUInt16LE(26) + file.readUInt16LE(28);
  if (method === DEFLATED) return inflateRawSync(file.subarray(begin), { maxOutputLength: BYTES_MAX });
  if (method !== STORED) throw new Error(`zip method ${method}`);
  return file.subarray(begin, begin + file.readUInt32LE(18));
}
