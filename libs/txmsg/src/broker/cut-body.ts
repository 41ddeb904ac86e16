import type { CutBody, IncomingMessage } from './message.js';

/** Appended to a cut body, so that it is not valid JSON for an earlier version of this library, which does not know `cut`. */
const ELLIPSIS = Buffer.from('…');

/**
 * The first bytes of a body that is too large, copied, so that the whole of it can be freed.
 * @param compressed - it came compressed, and so are these bytes
 */
export function cutBody(
  body: Uint8Array,
  bytesMax: number,
  compressed = false,
): { readonly body: Buffer; readonly cut: CutBody } {
  const kept = body.subarray(0, startOfCharacter(body, bytesMax - ELLIPSIS.length));
  return { body: Buffer.concat([kept, ELLIPSIS]), cut: { bytes: body.length, compressed } };
}

/** `message`, its body cut unless it has `bytesMax` or less. */
export function withCutBody(message: IncomingMessage, bytesMax: number): IncomingMessage {
  if (message.cut !== undefined || message.body.length <= bytesMax) return message;
  return { ...message, ...cutBody(message.body, bytesMax) };
}

/** `end`, or a little less where that is in the middle of a character of UTF-8. */
function startOfCharacter(body: Uint8Array, end: number): number {
  const isContinuation = (at: number): boolean => ((body[at] ?? 0) & 0xc0) === 0x80;
  let at = end;
  while (at > end - 3 && isContinuation(at)) at -= 1;
  return at;
}
