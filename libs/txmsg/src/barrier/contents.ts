import { createHash } from 'node:crypto';
import stringify from 'safe-stable-stringify';
import { ContentsChangedError } from '../errors/index.js';
import { copyOfJson } from './json-copy.js';

/**
 * The contents of a message as they were when it was sent or read: hashed once, and copied for each try of a handler, so
 * that every try gets the contents that were hashed, even if an earlier try has changed its copy.
 */
export class Contents {
  private hashed: Buffer | undefined;

  private constructor(
    private readonly original: object,
    private readonly isShared: boolean,
  ) {
    // Others may change what is shared.
    if (isShared) this.hashed = hashOf(original);
  }

  /** SHA-256 over canonical contents: JSON with sorted keys, without white space. */
  get hash(): Buffer {
    return (this.hashed ??= hashOf(this.original));
  }

  /**
   * Hash what was validated and normalised, never the bytes of a message: the same event may arrive in another key
   * order.
   * @throws ContentsNotJsonError when JSON cannot hold them: they would be equal to other contents
   */
  static of(value: object): Contents {
    const { copy, isShared } = copyOfJson(value);
    return new Contents(copy, isShared);
  }

  /** As they go into a message, in the order of their own keys. */
  toBody(): Buffer {
    return Buffer.from(JSON.stringify(this.original), 'utf8');
  }

  /**
   * A new copy for each try. Objects with a `toJSON` method cannot be copied; they are handed out as they are, unless they
   * were changed since.
   * @throws ContentsChangedError
   */
  copy(): object {
    const { copy } = copyOfJson(this.original);
    if (this.isShared && !hashOf(copy).equals(this.hash)) throw new ContentsChangedError();
    return copy;
  }
}

function hashOf(contents: object): Buffer {
  return createHash('sha256').update(stringify(contents)).digest();
}
