import type { Contents } from '../barrier/index.js';
import type { LocalTransactionOutcome } from './local-transaction.js';

/** One attempt on its way through a local transaction. */
export interface Attempt {
  readonly txNo: string;
  readonly scope: string;
  readonly attempt: string;
  /** Undefined when the message is sent again: then only the attempt's own row enters the barrier. */
  readonly contentsHash: Buffer | undefined;
  readonly contents: Contents;
  /** The contents as they are sent. */
  readonly body: Buffer;
  readonly arg: unknown;
}

/**
 * How an attempt's local transaction ended.
 * - `DECIDED`: COMMIT was confirmed, or the listener refused and everything of it is undone.
 * - `DUPLICATE`: another attempt did the same txNo with the same contents; nothing was done by this one.
 * - `FAILED`: nothing was done, which is proven; `error` says why.
 * - `OVERTAKEN`: nothing was done by this one, and another attempt at the same txNo is under way, whose end is open.
 * - `UNKNOWN`: COMMIT was sent and neither confirmation nor proof of the contrary could be had.
 */
export type AttemptEnd =
  | { readonly end: 'DECIDED'; readonly outcome: LocalTransactionOutcome }
  | { readonly end: 'DUPLICATE' }
  | { readonly end: 'FAILED'; readonly error: unknown }
  | { readonly end: 'OVERTAKEN' }
  | { readonly end: 'UNKNOWN' };
