import type { Delivery } from '../broker/index.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import type { ReadMessage } from './message-reader.js';
import type { DeadLetterReason } from './retry-policy.js';

/** A message that is to become a dead letter. */
export interface UnconsumedMessage {
  readonly listener: RegisteredMessageListener;
  readonly delivery: Delivery;
  /** Undefined when the message could not be read. */
  readonly read: ReadMessage | undefined;
  readonly reason: DeadLetterReason;
  readonly error: Error;
  /** False once the listener's `onDeadLetter` has failed too often. */
  readonly callsOnDeadLetter: boolean;
}

/** Where a consumer puts what it cannot consume; `dead-letter/` implements it. */
export abstract class DeadLetterPort {
  /**
   * `DROPPED` when no dead letter is needed: another delivery of the same contents was consumed in the meantime, or
   * `onDeadLetter` says so.
   * @throws OnDeadLetterFailedError, and errors of the database: nothing was stored, and the message must not be
   * acknowledged
   */
  abstract store(message: UnconsumedMessage): Promise<'STORED' | 'DROPPED'>;
}

/** The listener's `onDeadLetter` failed by itself; `cause` is what it threw. */
export class OnDeadLetterFailedError extends Error {
  override readonly name = 'OnDeadLetterFailedError';

  constructor(options: ErrorOptions) {
    super('onDeadLetter failed', options);
  }
}

/** The error of a dead letter that is stored although `onDeadLetter` failed: its reader must know what is missing. */
export function withOnDeadLetterFailure(error: Error, failure: unknown): Error {
  const both = new Error(
    `${error.message} (and onDeadLetter failed, so what it does is missing: ${String(failure)})`,
  );
  both.name = error.name;
  return both;
}
