import { Logger } from '@nestjs/common';
import type { Delivery } from '../broker/index.js';
import type { DeadLetter, DeadLetterReason, DeadLetterStore } from '../dead-letter/index.js';
import type { FaultInjector } from '../faults/index.js';
import type { ConsumptionEnd } from './consumption.js';
import { DeadLetterFollowUp, withFollowUpFailure } from './dead-letter-follow-up.js';
import { HandlerAttempts } from './handler-attempts.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import type { ReadMessage } from './message-reader.js';
import { classifyFailure, needsAPerson, retryDelayMs, type RetriedFailureKind } from './retry-policy.js';

/** How long acknowledging or giving back one message may take. */
const CONCLUDE_TIMEOUT_MS = 5000;

/** Whether the message is off our hands, or failed because the database or broker is in trouble. */
export type Conclusion = 'CONCLUDED' | 'INFRASTRUCTURE_TROUBLE';

/** Acts on how a message's consumption ended: acknowledge, again later, or dead letter. Never throws. */
export class DeliveryConcluder {
  private readonly logger = new Logger(DeliveryConcluder.name);
  private readonly attempts = new HandlerAttempts();

  constructor(
    private readonly listener: RegisteredMessageListener,
    private readonly deadLetters: DeadLetterStore,
    private readonly faults: FaultInjector,
  ) {}

  async conclude(
    delivery: Delivery,
    end: ConsumptionEnd,
    read: ReadMessage | undefined,
  ): Promise<Conclusion> {
    if (!(end instanceof Error)) {
      const what = typeof end === 'string' ? `consumed: ${end}` : `ignored: ${end.ignored}`;
      this.logger.log({ message: `message ${what}`, ...this.about(delivery, read) });
      await this.acknowledge(delivery, read);
      return 'CONCLUDED';
    }
    const kind = classifyFailure(end);
    switch (kind) {
      case 'POISON':
      case 'TX_NO_CONFLICT':
        return this.bury(delivery, kind, end, read);
      case 'INFRASTRUCTURE':
      case 'SCHEMA':
        return this.retry(delivery, kind, delivery.deliveryAttempt, end, read);
      case 'HANDLER': {
        const failures = this.attempts.fail(delivery.message.messageId);
        if (failures >= this.listener.attemptsMax) return this.bury(delivery, 'HANDLER_FAILED', end, read);
        return this.retry(delivery, kind, failures, end, read);
      }
    }
  }

  /** Stores it as a dead letter, and only then acknowledges it. */
  async bury(
    delivery: Delivery,
    reason: DeadLetterReason,
    cause: Error,
    read: ReadMessage | undefined,
  ): Promise<Conclusion> {
    const followUp = new DeadLetterFollowUp(this.listener, read);
    try {
      await this.store(delivery, reason, cause, read, followUp.run);
    } catch (error) {
      if (!followUp.isToBlameFor(error)) return this.retryStoring(delivery, error, read);
      const failures = this.attempts.fail(followUpKey(delivery));
      if (failures < this.listener.attemptsMax) return this.retry(delivery, 'HANDLER', failures, error, read);
      try {
        await this.store(delivery, reason, withFollowUpFailure(cause, error), read, undefined);
      } catch (again) {
        return this.retryStoring(delivery, again, read);
      }
    }
    this.attempts.forget(delivery.message.messageId);
    this.attempts.forget(followUpKey(delivery));
    await this.acknowledge(delivery, read);
    return 'CONCLUDED';
  }

  private async store(
    delivery: Delivery,
    reason: DeadLetterReason,
    cause: Error,
    read: ReadMessage | undefined,
    followUp: DeadLetter['followUp'],
  ): Promise<void> {
    const { message, deliveryAttempt } = delivery;
    const stored = await this.deadLetters.store({
      consumerGroup: this.listener.consumerGroup,
      message,
      deliveryAttempt,
      reason,
      detail: `${cause.name}: ${cause.message}`,
      contents: read,
      followUp,
    });
    this.logger.error({
      message:
        stored === 'STORED' ? `message stored as dead letter: ${reason}` : 'message needs no dead letter',
      ...this.about(delivery, read),
      cause: cause.message,
    });
  }

  /** Until it is stored, whatever the database says: it must not be lost. */
  private retryStoring(
    delivery: Delivery,
    error: unknown,
    read: ReadMessage | undefined,
  ): Promise<Conclusion> {
    const kind = classifyFailure(error) === 'SCHEMA' ? 'SCHEMA' : 'INFRASTRUCTURE';
    return this.retry(delivery, kind, delivery.deliveryAttempt, error, read);
  }

  /** Lets go of a message that was not worked on, so that somebody has it soon. */
  async giveBack(delivery: Delivery): Promise<void> {
    await delivery.changeInvisibleDuration(1000, CONCLUDE_TIMEOUT_MS).catch(() => {
      this.logger.debug({
        message: 'message not given back; it comes again by itself',
        ...this.about(delivery, undefined),
      });
    });
  }

  private async retry(
    delivery: Delivery,
    kind: RetriedFailureKind,
    attempt: number,
    cause: unknown,
    read: ReadMessage | undefined,
  ): Promise<Conclusion> {
    const delayMs = retryDelayMs(kind, attempt);
    const advice = needsAPerson(kind, attempt)
      ? '; it does not heal by itself: finish the migration, grant the right, or mend the statement'
      : '';
    this.logger[advice === '' ? 'warn' : 'error']({
      message: `message comes again in ${delayMs} ms: ${kind.toLowerCase()} failure ${attempt}${advice}`,
      ...this.about(delivery, read),
      cause: String(cause),
    });
    await delivery.changeInvisibleDuration(delayMs, CONCLUDE_TIMEOUT_MS).catch((error: unknown) => {
      this.logger.warn({
        message: 'the pause could not be set; the message comes again when its hiding ends',
        ...this.about(delivery, read),
        cause: String(error),
      });
    });
    return kind === 'INFRASTRUCTURE' ? 'INFRASTRUCTURE_TROUBLE' : 'CONCLUDED';
  }

  private async acknowledge(delivery: Delivery, read: ReadMessage | undefined): Promise<void> {
    const txNo = read?.txNo ?? delivery.message.keys[0];
    try {
      await this.faults.at('consume.before-acknowledge', { txNo });
      await delivery.acknowledge(CONCLUDE_TIMEOUT_MS);
      await this.faults.at('consume.acknowledged', { txNo });
    } catch (error) {
      this.logger.warn({
        message: 'acknowledgement failed; the message comes again and will be a duplicate',
        ...this.about(delivery, read),
        cause: String(error),
      });
    }
  }

  private about({ message, deliveryAttempt }: Delivery, read: ReadMessage | undefined): object {
    return {
      txNo: read?.txNo ?? message.keys[0],
      topic: message.topic,
      consumerGroup: this.listener.consumerGroup,
      messageId: message.messageId,
      deliveryAttempt,
    };
  }
}

/** A failure of `onDeadLetter` is counted apart from the handler's own. */
function followUpKey({ message }: Delivery): string {
  return `onDeadLetter ${message.messageId}`;
}
