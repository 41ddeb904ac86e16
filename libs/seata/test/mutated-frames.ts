import { encodeFrame, encodeMessage, FRAME_KINDS } from '../src/wire/index.js';
import { SAMPLE_MESSAGES } from './sample-messages.js';

const BODIES = SAMPLE_MESSAGES.map((message) => encodeMessage(message).subarray(0, 4096));

const pick = <T>(from: readonly T[], random: (below: number) => number): T => from[random(from.length)] as T;

/** A frame as it should be, of any message. */
export function validFrame(random: (below: number) => number): Buffer {
  return encodeFrame({ kind: pick(FRAME_KINDS, random), id: random(64), body: pick(BODIES, random) });
}

/** A frame with something wrong with it, or bytes that are none. */
export function mutatedFrame(random: (below: number) => number): Buffer {
  const frame = validFrame(random);
  switch (random(5)) {
    case 0:
      return frame.subarray(0, random(frame.length));
    case 1:
      // A length that lies: of the frame, of its head, or of a field.
      frame.writeInt16BE(random(0x1_0000) - 0x8000, pick([3, 5, 7, 16, 18, 20], random) % (frame.length - 1));
      return frame;
    case 2:
      return Buffer.from(Array.from({ length: random(64) }, () => random(256)));
    case 3:
      return Buffer.concat([frame, Buffer.from(Array.from({ length: random(8) }, () => random(256)))]);
    default:
      for (let changes = 1 + random(4); changes > 0; changes -= 1) frame[random(frame.length)] = random(256);
      return frame;
  }
}
