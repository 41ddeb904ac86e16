import { MalformedFrameError } from '../errors/index.js';

/** Reads the fields of a message, big-endian. Every length is checked against what is there. */
export class WireReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  /** How many bytes were not read. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    return this.bytes.readUInt8(this.take(1));
  }

  i16(): number {
    return this.bytes.readInt16BE(this.take(2));
  }

  i32(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  i64(): bigint {
    return this.bytes.readBigInt64BE(this.take(8));
  }

  /** Text with a length of 16 bits; none is "". */
  s16(): string {
    return this.text(this.i16());
  }

  /** Text with a length of 32 bits; none is "". */
  s32(): string {
    return this.text(this.i32());
  }

  private text(length: number): string {
    // Some of Seata's writers say -1 for null.
    if (length <= 0) {
      if (length < -1) throw new MalformedFrameError(`a text of ${length} bytes`);
      return '';
    }
    const start = this.take(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  private take(length: number): number {
    if (length > this.left) {
      throw new MalformedFrameError(`a field of ${length} bytes where ${this.left} are left`);
    }
    const start = this.at;
    this.at += length;
    return start;
  }
}
