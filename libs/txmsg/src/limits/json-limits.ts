import type { MessageLimits } from './message-limits.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING: ReadonlySet<number> = new Set(Buffer.from('[{'));
const CLOSING: ReadonlySet<number> = new Set(Buffer.from(']}'));
/** The characters of numbers, and of true, false and null, which are counted like numbers. */
const WORD: ReadonlySet<number> = new Set(Buffer.from('0123456789+-.abcdefghijklmnopqrstuvwxyzE'));

/**
 * Whether parsing `json` would take more than `limits` allow. One pass over the bytes, without memory of its own; it does not
 * check that they are JSON. Why: lossless-json 4.3.3 takes 32 bytes of memory for each character of a string, and up to 54
 * for each byte of small arrays.
 * @returns what is too large, as a part of a sentence; undefined when nothing is
 */
export function excessOf(json: Buffer, limits: MessageLimits): string | undefined {
  if (json.length > limits.bodyBytesMax) {
    return `its body has ${json.length} bytes, more than ${limits.bodyBytesMax} (bodyBytesMax)`;
  }
  let [depth, values, at] = [0, 1, 0];
  while (at < json.length) {
    const byte = json[at] ?? 0;
    const start = at;
    at += 1;
    if (byte === QUOTE) {
      at = afterString(json, at);
      if (at - start - 2 > limits.stringBytesMax) {
        return `it has a string of more than ${limits.stringBytesMax} bytes (stringBytesMax)`;
      }
    } else if (WORD.has(byte)) {
      while (at < json.length && WORD.has(json[at] ?? 0)) at += 1;
      if (at - start > limits.numberCharactersMax) {
        return `it has a number of more than ${limits.numberCharactersMax} characters (numberCharactersMax)`;
      }
    } else if (OPENING.has(byte)) {
      depth += 1;
      // The first one in it; each comma announces another.
      values += 1;
    } else if (CLOSING.has(byte)) depth -= 1;
    else if (byte === COMMA) values += 1;
    if (depth > limits.depthMax) return `it is nested deeper than ${limits.depthMax} levels (depthMax)`;
    if (values > limits.valuesMax) return `it has more than ${limits.valuesMax} values (valuesMax)`;
  }
  return undefined;
}

/** Behind the closing quote, or where the text ends without one. */
function afterString(json: Buffer, start: number): number {
  let at = start;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}
