import type { EntityManager } from 'typeorm';
import type { RegisteredMessageListener } from '../consumer/message-listener.registry.js';
import type { ReadMessage } from '../consumer/message-reader.js';
import { classifyFailure, type DeadLetterReason } from '../consumer/retry-policy.js';

export type OnDeadLetter = (
  reason: DeadLetterReason,
  entityManager: EntityManager,
) => Promise<'STORE' | 'DROP'>;

/** The call of the listener's `onDeadLetter` for one message. */
export class OnDeadLetterCall {
  /** Undefined when the listener has no such method, or the message could not be read. */
  readonly run: OnDeadLetter | undefined;
  private wasCalled = false;

  constructor({ onDeadLetter }: RegisteredMessageListener, read: ReadMessage | undefined) {
    if (read === undefined || onDeadLetter === undefined) return;
    this.run = async (reason, entityManager) => {
      this.wasCalled = true;
      return onDeadLetter(read.contents.copy(), reason, entityManager);
    };
  }

  /**
   * Whether `onDeadLetter` made its transaction fail with this error: it was called, and the error is neither a failure of
   * the database nor a statement that a migration under way may yet make right.
   */
  hasCaused(error: unknown): boolean {
    return this.wasCalled && !['INFRASTRUCTURE', 'SCHEMA'].includes(classifyFailure(error));
  }
}
