import { Deadline } from '../deadline/index.js';
import { BrokerNotReadyError } from '../errors/index.js';
import { BackOff } from './back-off.js';

/** One try is cut off early enough for another one. */
const TRY_TIMEOUT_MS = 3_000;

export interface Tries {
  /** Whether the failure is a missing answer, so that the same request may be sent again. */
  readonly isUnanswered: (failure: unknown) => boolean;
  readonly timeoutMs: number;
  /** Ends the tries early. */
  readonly closing: AbortSignal;
}

/**
 * Repeats `tryOnce` while there is no connection, or no answer. It is tried at least once.
 * @throws what the last try threw
 */
export async function untilAnswered(
  tryOnce: (timeoutMs: number) => Promise<unknown>,
  { isUnanswered, timeoutMs, closing }: Tries,
): Promise<void> {
  const deadline = Deadline.in(timeoutMs);
  const backOff = new BackOff(100, 1_000);
  for (;;) {
    try {
      await tryOnce(Math.min(TRY_TIMEOUT_MS, deadline.remainingMs()));
      return;
    } catch (failure) {
      if (!isUnanswered(failure) && !(failure instanceof BrokerNotReadyError)) throw failure;
      await backOff.pause(closing, deadline.remainingMs());
      if (deadline.hasPassed() || closing.aborted) throw failure;
    }
  }
}
