import type { DeadLetterReason } from '../consumer/retry-policy.js';
import type { DeadLetterState } from './dead-letter.js';

/**
 * What came of re-driving or dismissing a dead letter.
 * - `DONE`: the handler's work, or the dismissal, is committed; the dead letter is closed.
 * - `DUPLICATE`: these contents had been consumed before; the dead letter is closed.
 * - `IGNORED`: the handler ignored the message; the dead letter is closed.
 * - `DROPPED`: it failed again, but `onDeadLetter` says that no operator needs to see it; the dead letter is closed.
 * - `FAILED`: it failed again; the dead letter is open, with this reason.
 * - `BUSY`: another operation on it is in progress; nothing was done.
 * - `CLOSED`: it was re-driven or dismissed before; nothing was done.
 * - `NOT_FOUND`, `NO_LISTENER`: there is no such dead letter, or this service has no listener for its consumer group;
 *   nothing was done.
 * - `BODY_CUT`: its message was too large and only the beginning of it was kept, so it cannot be re-driven; nothing was
 *   done. Raise `messageLimits`, then have the sender send it again.
 * - `UNKNOWN`: COMMIT was sent, and whether it took effect cannot be learnt now. Repeat the call: it takes effect once.
 */
export type DeadLetterResult =
  | {
      readonly outcome:
        | 'DONE'
        | 'DUPLICATE'
        | 'IGNORED'
        | 'DROPPED'
        | 'BUSY'
        | 'NOT_FOUND'
        | 'NO_LISTENER'
        | 'BODY_CUT'
        | 'UNKNOWN';
    }
  | { readonly outcome: 'FAILED'; readonly reason: DeadLetterReason; readonly detail: string }
  | { readonly outcome: 'CLOSED'; readonly state: Exclude<DeadLetterState, 'OPEN'> };
