import { MalformedFrameError } from './remoting.errors.js';

/** Broker answers hold up to 32 messages of up to 4 MB; what claims to be larger is not an answer. */
export const FRAME_BYTES_MAX = 136 * 1024 * 1024;

/**
 * Cuts what a socket delivers into frames. Within one delivery nothing is copied; a frame that comes in several is
 * joined once, when it is complete, and takes no memory before its bytes have come.
 */
export class FrameSplitter {
  private parts: Buffer[] = [];
  private heldBytes = 0;
  private wantedBytes = 4;

  constructor(private readonly frameBytesMax = FRAME_BYTES_MAX) {}

  /** Calls `onFrame` with each complete frame, without its length. @throws MalformedFrameError */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    this.parts.push(chunk);
    this.heldBytes += chunk.length;
    if (this.heldBytes < this.wantedBytes) return;
    const bytes = this.parts.length === 1 ? chunk : Buffer.concat(this.parts, this.heldBytes);
    let at = 0;
    let end = this.frameEnd(bytes, at);
    while (end !== undefined && end <= bytes.length) {
      onFrame(bytes.subarray(at + 4, end));
      at = end;
      end = this.frameEnd(bytes, at);
    }
    this.hold(bytes.subarray(at), end === undefined ? 4 : end - at);
  }

  private hold(rest: Buffer, wantedBytes: number): void {
    this.parts = rest.length === 0 ? [] : [rest];
    this.heldBytes = rest.length;
    this.wantedBytes = wantedBytes;
  }

  /** Where the frame at `at` ends; undefined while its length has not come. */
  private frameEnd(bytes: Buffer, at: number): number | undefined {
    if (bytes.length - at < 4) return undefined;
    const length = bytes.readUInt32BE(at);
    if (length < 4 || length > this.frameBytesMax) {
      throw new MalformedFrameError(`a frame of ${length} bytes; 4 to ${this.frameBytesMax} would be right`);
    }
    return at + 4 + length;
  }
}
