import type { Contents } from '../barrier/index.js';
import type { TracedWork } from '../telemetry/index.js';
import type { LocalTransactionOutcome } from './local-transaction.js';

/** One half message with its local transaction. */
export interface Attempt {
  readonly txNo: string;
  readonly scope: string;
  readonly attempt: string;
  /** Undefined for `resendMessageInTransaction`, whose txNo row exists already: only the attempt's row is inserted. */
  readonly contentsHash: Buffer | undefined;
  readonly contents: Contents;
  /** The body of the message: the contents as JSON. */
  readonly body: Buffer;
  readonly arg: unknown;
}

/** One whose half message is stored. */
export interface StoredAttempt extends Attempt {
  /** Its local transaction, from now on until its result is known. */
  readonly work: TracedWork;
}

/**
 * What came of an attempt's local transaction.
 * - `DECIDED`: it is committed, or the listener refused and everything is rolled back; `outcome` says which.
 * - `DUPLICATE`: an earlier attempt with the same txNo and contents is committed; this one did nothing.
 * - `FAILED`: this attempt did nothing and never will, which is proven; `error` says why.
 * - `OVERTAKEN`: this attempt did nothing, but another attempt with the same txNo has committed, or may yet commit.
 * - `UNKNOWN`: COMMIT was sent, and whether it took effect could not be learnt.
 */
export type AttemptResult =
  | { readonly state: 'DECIDED'; readonly outcome: LocalTransactionOutcome }
  | { readonly state: 'DUPLICATE' }
  | { readonly state: 'FAILED'; readonly error: unknown }
  | { readonly state: 'OVERTAKEN' }
  | { readonly state: 'UNKNOWN' };
