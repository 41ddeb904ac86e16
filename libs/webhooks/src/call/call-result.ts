/**
 * What came of one call.
 * - `ACKNOWLEDGED`: an answer 2xx, with the expected body where one is expected.
 * - `REFUSED`: any other answer.
 * - `GONE`: 410, the receiver wants no calls any more. It is recorded as `REFUSED` when the subscriber was changed during
 *   the call.
 * - `REDIRECT`: 3xx, which is never followed.
 * - `TIMEOUT`: the answer, or its end, did not come in time.
 * - `NO_ANSWER`: no connection, or one that broke off.
 * - `FORBIDDEN_ADDRESS`: nothing was sent, since the host is at an address that calls may not reach, or would be called
 *   with `http:` where the options do not allow it any more.
 */
export const CALL_OUTCOMES = [
  'ACKNOWLEDGED',
  'REFUSED',
  'GONE',
  'REDIRECT',
  'TIMEOUT',
  'NO_ANSWER',
  'FORBIDDEN_ADDRESS',
] as const;
/** One of `CALL_OUTCOMES`. */
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** One call, as it is recorded. */
export interface CallResult {
  readonly outcome: CallOutcome;
  /** Also of an answer that broke off; undefined when there was none. */
  readonly status: number | undefined;
  readonly durationMs: number;
  /** Why it is no acknowledgement; empty for one. */
  readonly detail: string;
  /** The first bytes of the answer's body. */
  readonly answer: Buffer;
  /** The header `Retry-After` as it came. */
  readonly retryAfter: string | undefined;
}

/** Whether it speaks for a receiver that works: one that refuses a single message does. */
export function isReceiverWell({ outcome, status }: Pick<CallResult, 'outcome' | 'status'>): boolean {
  switch (outcome) {
    case 'TIMEOUT':
    case 'NO_ANSWER':
    case 'FORBIDDEN_ADDRESS':
      return false;
    case 'ACKNOWLEDGED':
    case 'REFUSED':
    case 'GONE':
    case 'REDIRECT':
      return status === undefined || (status < 500 && status !== 429);
  }
}
