import type { EntityManager } from 'typeorm';
import type { DeadLetterReason } from '../dead-letter/index.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import type { ReadMessage } from './message-reader.js';
import { classifyFailure } from './retry-policy.js';

/** The listener's `onDeadLetter` for one message that becomes a dead letter; it fails by its own fault or another's. */
export class DeadLetterFollowUp {
  /** Undefined when there is nothing to call: no such method, or nothing that it could be given. */
  readonly run:
    ((reason: DeadLetterReason, entityManager: EntityManager) => Promise<'STORE' | 'DROP'>) | undefined;
  private wasCalled = false;

  constructor({ onDeadLetter }: RegisteredMessageListener, read: ReadMessage | undefined) {
    if (read === undefined || onDeadLetter === undefined) return;
    this.run = async (reason, entityManager) => {
      this.wasCalled = true;
      return onDeadLetter(read.contents.copy(), reason, entityManager);
    };
  }

  /** Of its transaction's failures, those that are neither the database's nor of statements that await a migration. */
  isToBlameFor(error: unknown): boolean {
    return this.wasCalled && !['INFRASTRUCTURE', 'SCHEMA'].includes(classifyFailure(error));
  }
}

/** For a dead letter that is stored without what should have followed from it: whoever looks at it must know. */
export function withFollowUpFailure(cause: Error, failure: unknown): Error {
  const error = new Error(
    `${cause.message} (and onDeadLetter failed, so what it does is missing: ${String(failure)})`,
  );
  error.name = cause.name;
  return error;
}
