/** What a 16-bit length, which is signed, can say. */
const S16_BYTES_MAX = 32_767;

/** Why a value cannot be written; the message that it belongs to is named by who writes that. */
export class UnwritableValue extends Error {}

/** Writes the fields of a message, big-endian. */
export class WireWriter {
  private readonly parts: Buffer[] = [];

  u8(value: number): void {
    this.number(1, value, 0, 0xff, (bytes) => bytes.writeUInt8(value));
  }

  i16(value: number): void {
    this.number(2, value, -0x8000, 0x7fff, (bytes) => bytes.writeInt16BE(value));
  }

  i32(value: number): void {
    this.number(4, value, -0x8000_0000, 0x7fff_ffff, (bytes) => bytes.writeInt32BE(value));
  }

  i64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new UnwritableValue(`${value.toString()} exceeds 64 bits`);
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64BE(value);
    this.parts.push(bytes);
  }

  s16(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    if (bytes.length > S16_BYTES_MAX) {
      throw new UnwritableValue(`a text of ${bytes.length} bytes exceeds ${S16_BYTES_MAX}`);
    }
    this.i16(bytes.length);
    this.parts.push(bytes);
  }

  s32(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.i32(bytes.length);
    this.parts.push(bytes);
  }

  /** All that was written. */
  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }

  private number(
    size: number,
    value: number,
    min: number,
    max: number,
    write: (bytes: Buffer) => unknown,
  ): void {
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new UnwritableValue(`${value} is not a whole number from ${min} to ${max}`);
    }
    const bytes = Buffer.allocUnsafe(size);
    write(bytes);
    this.parts.push(bytes);
  }
}
