import { InvalidArgumentError } from './configuration.errors.js';
import { TxMsgError } from './txmsg.error.js';

/**
 * A payload contains something that JSON leaves out, or writes like something else, so that two different payloads would be
 * treated as duplicates. Nothing was sent or stored.
 */
export class ContentsNotJsonError extends InvalidArgumentError {
  constructor(
    /** Where in the payload: `.lines[2].price`; empty for the payload itself. */
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
      'The payload holds an object with a toJSON method that was changed since it was sent or read, perhaps by an earlier try of the handler; the handler was not called. Do not change such objects.',
    );
  }
}
