import type { Fields } from './remoting-command.js';
import { OWN_LANGUAGE, OWN_VERSION } from './remoting-codes.js';

export interface OutgoingHeader {
  readonly code: number;
  readonly flag: number;
  readonly opaque: number;
  readonly fields: Fields;
  readonly remark?: string;
}

/** Frames are laid end to end in slabs of this size. */
const SLAB_BYTES = 64 * 1024;
/** A larger body goes to the socket as it is; copying a smaller one is cheaper than another piece to write. */
const COPIED_BODY_BYTES_MAX = 8 * 1024;
/** The binary header has two bytes for the code; requests with a greater one have JSON headers. */
const BINARY_CODE_MAX = 0x7fff;
const BINARY_HEADER_MARK = 0x0100_0000;
const BINARY_FIXED_BYTES = 21;
/** A UTF-16 unit becomes three bytes of UTF-8 at most. */
const UTF8_BYTES_MAX = 3;

/**
 * Lays frames end to end, so that all that were made in one turn of the event loop go to the socket in one write. A
 * frame is: its length, the header's length (with a mark for the binary form), header, body.
 */
export class FrameWriter {
  private slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  private begin = 0;
  private end = 0;
  private pieces: Buffer[] = [];
  private pieceBytes = 0;

  /** What waits for `take`. */
  get waitingBytes(): number {
    return this.pieceBytes + this.end - this.begin;
  }

  append(header: OutgoingHeader, body: Buffer): void {
    const isCopied = body.length <= COPIED_BODY_BYTES_MAX;
    const isBinary = header.code <= BINARY_CODE_MAX;
    const json = isBinary ? '' : jsonHeader(header);
    const headerBytesMax = isBinary ? binaryBytesMax(header.fields) : json.length * UTF8_BYTES_MAX;
    this.reserve(8 + headerBytesMax + (isCopied ? body.length : 0));
    const { slab, end: frame } = this;
    const afterHeader = isBinary
      ? writeBinaryHeader(slab, frame + 8, header)
      : frame + 8 + slab.write(json, frame + 8);
    const headerBytes = afterHeader - frame - 8;
    slab.writeUInt32BE(4 + headerBytes + body.length, frame);
    slab.writeUInt32BE(isBinary ? headerBytes | BINARY_HEADER_MARK : headerBytes, frame + 4);
    this.end = afterHeader;
    if (isCopied) this.end += body.copy(slab, afterHeader);
    else this.addPiece(body);
  }

  /** Everything that was appended since the last call, in order. */
  take(): Buffer[] {
    this.cut();
    const { pieces } = this;
    this.pieces = [];
    this.pieceBytes = 0;
    return pieces;
  }

  private addPiece(piece: Buffer): void {
    this.cut();
    this.pieces.push(piece);
    this.pieceBytes += piece.length;
  }

  /** What has been handed out is never written to again: the socket may still hold it. */
  private cut(): void {
    if (this.end === this.begin) return;
    this.pieces.push(this.slab.subarray(this.begin, this.end));
    this.pieceBytes += this.end - this.begin;
    this.begin = this.end;
  }

  private reserve(bytes: number): void {
    if (this.slab.length - this.end >= bytes) return;
    this.cut();
    this.slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytes));
    this.begin = 0;
    this.end = 0;
  }
}

function jsonHeader({ code, flag, opaque, fields, remark }: OutgoingHeader): string {
  const language = OWN_LANGUAGE.name;
  return JSON.stringify({ code, flag, language, opaque, version: OWN_VERSION, remark, extFields: fields });
}

function binaryBytesMax(fields: Fields): number {
  let bytes = BINARY_FIXED_BYTES;
  for (const name in fields) {
    bytes += 6 + (name.length + (fields[name] ?? '').length) * UTF8_BYTES_MAX;
  }
  return bytes;
}

/** As RocketMQSerializable lays it out; requests have no remark. @returns where the header ends */
function writeBinaryHeader(slab: Buffer, at: number, { code, opaque, flag, fields }: OutgoingHeader): number {
  slab.writeUInt16BE(code, at);
  slab[at + 2] = OWN_LANGUAGE.code;
  slab.writeUInt16BE(OWN_VERSION, at + 3);
  slab.writeInt32BE(opaque, at + 5);
  slab.writeInt32BE(flag, at + 9);
  slab.writeInt32BE(0, at + 13);
  let position = at + BINARY_FIXED_BYTES;
  for (const name in fields) {
    const nameBytes = slab.write(name, position + 2);
    slab.writeUInt16BE(nameBytes, position);
    position += 2 + nameBytes;
    const valueBytes = slab.write(fields[name] ?? '', position + 4);
    slab.writeInt32BE(valueBytes, position);
    position += 4 + valueBytes;
  }
  slab.writeInt32BE(position - at - BINARY_FIXED_BYTES, at + 17);
  return position;
}
