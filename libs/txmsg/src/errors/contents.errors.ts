import { InvalidArgumentError } from './configuration.errors.js';
import { TxMsgError } from './txmsg.error.js';

/**
 * A payload holds something that JSON drops, or writes like something else: it would arrive as other contents, and be
 * taken for a duplicate of them. Nothing was sent or stored.
 */
export class ContentsNotJsonError extends InvalidArgumentError {
  constructor(
    /** Where, from the payload on: `.lines[2].price`; empty for the payload itself. */
    readonly path: string,
    /** What was found there: `Map`, `bigint`, `NaN`, … */
    readonly kind: string,
  ) {
    super(
      `payload${path}`,
      kind,
      'JSON cannot hold it. Send plain objects, arrays, text, finite numbers, booleans and null, or an object that has a toJSON method',
    );
  }
}

/** An object with a `toJSON` of its own, which cannot be copied, was changed after its contents were hashed. Nothing was done. */
export class ContentsChangedError extends TxMsgError {
  readonly code = 'TXMSG_CONTENTS_CHANGED';

  constructor() {
    super(
      'The payload holds an object with a toJSON method that was changed since it was sent or read, by an earlier try perhaps; the handler was not called with other contents. Do not change such objects.',
    );
  }
}
