import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** `problem` continues the sentence "The file …"; it never quotes what is in the file. */
export type TextFile = { readonly text: string } | { readonly problem: string };

/** Reads a text file of at most `bytesMax` bytes; newlines at its end, which editors and shells add, are no part of it. */
export function readTextFile(path: string, bytesMax: number): TextFile {
  try {
    const bytes = readAtMost(path, bytesMax + 1);
    if (bytes === undefined) return { problem: 'is not a regular file' };
    if (bytes.length > bytesMax) return { problem: `is larger than ${bytesMax} bytes` };
    if (!isUtf8(bytes)) return { problem: 'is not UTF-8 text' };
    const text = new TextDecoder().decode(bytes).replace(/[\r\n]+$/, '');
    return text.trim() === '' ? { problem: 'is empty' } : { text };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { problem: `cannot be read (${code ?? message})` };
  }
}

/** Undefined for what is no regular file: it may have no end. */
function readAtMost(path: string, bytesMax: number): Buffer | undefined {
  // Without O_NONBLOCK, opening a pipe without a writer would never return.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) return undefined;
    const bytes = Buffer.alloc(bytesMax);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytesMax; length += read) {
      read = readSync(file, bytes, length, bytesMax - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
