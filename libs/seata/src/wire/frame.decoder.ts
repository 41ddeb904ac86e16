import { decodeFrame, frameLength, HEAD_BYTES, type Frame } from './frame.js';

/**
 * Makes frames of a stream, however it was cut. Never holds more than one frame and one chunk. After an error it must not
 * be used any more: where the next frame begins is not known.
 */
export class FrameDecoder {
  private chunks: Buffer[] = [];
  private held = 0;
  /** How long the frame is that has begun; what its head needs until that has come. */
  private needed = HEAD_BYTES;
  private hasHead = false;

  /** The frames that are whole with this chunk. @throws MalformedFrameError */
  *push(chunk: Buffer): Generator<Frame, void> {
    this.chunks.push(chunk);
    this.held += chunk.length;
    while (this.held >= this.needed) {
      if (this.hasHead) yield decodeFrame(this.takeFrame());
      else this.readHead();
    }
  }

  private readHead(): void {
    this.needed = frameLength(this.joined());
    this.hasHead = true;
  }

  private takeFrame(): Buffer {
    const all = this.joined();
    const frame = all.subarray(0, this.needed);
    const rest = all.subarray(this.needed);
    this.chunks = rest.length > 0 ? [rest] : [];
    this.held = rest.length;
    this.needed = HEAD_BYTES;
    this.hasHead = false;
    return frame;
  }

  /** Copies only when a frame came in several chunks, which happens at most twice for one: at its head and at its end. */
  private joined(): Buffer {
    const [first] = this.chunks;
    const all = this.chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }
}
