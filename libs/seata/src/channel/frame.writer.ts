import type { Duplex } from 'node:stream';
import { encodeFrame, type Frame } from '../wire/index.js';

/** Sends frames; those of one turn of the event loop leave in one write. */
export class FrameWriter {
  private isCorked = false;

  constructor(private readonly socket: Duplex) {}

  write(frame: Frame): void {
    if (!this.isCorked) {
      this.isCorked = true;
      this.socket.cork();
      // After every promise that the answers of this turn resolve, so that what follows from them leaves together.
      setImmediate(() => {
        this.isCorked = false;
        this.socket.uncork();
      });
    }
    this.socket.write(encodeFrame(frame));
  }

  /** How many bytes the other side has not received yet. */
  get pendingBytes(): number {
    return this.socket.writableLength;
  }
}
