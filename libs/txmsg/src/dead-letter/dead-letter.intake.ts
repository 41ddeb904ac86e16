import {
  DeadLetterPort,
  OnDeadLetterFailedError,
  type UnconsumedMessage,
} from '../consumer/dead-letter.port.js';
import { OnDeadLetterCall } from './on-dead-letter.call.js';
import type { DeadLetterStore } from './dead-letter.store.js';

/** Stores what the consumers could not consume, with what the listener's `onDeadLetter` does about it. */
export class DeadLetterIntake extends DeadLetterPort {
  constructor(private readonly letters: DeadLetterStore) {
    super();
  }

  override async store(unconsumed: UnconsumedMessage): Promise<'STORED' | 'DROPPED'> {
    const { listener, delivery, read, reason, error, callsOnDeadLetter } = unconsumed;
    const call = new OnDeadLetterCall(listener, callsOnDeadLetter ? read : undefined);
    try {
      return await this.letters.store({
        consumerGroup: listener.consumerGroup,
        message: delivery.message,
        deliveryAttempt: delivery.deliveryAttempt,
        reason,
        detail: `${error.name}: ${error.message}`,
        contents: read,
        onDeadLetter: call.run,
      });
    } catch (failure) {
      throw call.hasCaused(failure) ? new OnDeadLetterFailedError({ cause: failure }) : failure;
    }
  }
}
