import { Logger } from '@nestjs/common';
import type { Delivery } from '../broker/index.js';
import type { FaultInjector } from '../faults/index.js';
import type { ConsumerTelemetry } from '../telemetry/index.js';
import type { ConsumptionResult } from './consumption.js';
import type { DeadLetterPort } from './dead-letter.port.js';
import {
  decideEnding,
  type Acknowledge,
  type DeadLetterIt,
  type DeliveryFacts,
  type DeliveryStep,
  type RetryLater,
} from './delivery-ending.js';
import { HandlerFailures } from './handler-failures.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import type { ReadMessage } from './message-reader.js';
import { needsAnOperator } from './retry-policy.js';

/** How long acknowledging or giving back one message may take. */
const CONCLUDE_TIMEOUT_MS = 5000;

/** Carries out what `decideEnding` decides: acknowledge, retry later, or dead-letter. Never throws. */
export class DeliveryConcluder {
  private readonly logger = new Logger(DeliveryConcluder.name);
  private readonly failures = new HandlerFailures();

  constructor(
    private readonly listener: RegisteredMessageListener,
    private readonly deadLetters: DeadLetterPort,
    private readonly faults: FaultInjector,
    private readonly telemetry: ConsumerTelemetry,
  ) {}

  /** @param read - undefined when the message could not be read */
  async conclude(
    delivery: Delivery,
    result: ConsumptionResult,
    read: ReadMessage | undefined,
  ): Promise<Acknowledge | RetryLater> {
    if (!(result instanceof Error)) this.logConsumed(delivery, result, read);
    const facts = this.factsOf(delivery);
    let ending = decideEnding({ step: 'CONSUMED', result }, facts);
    while (ending.action === 'DEAD_LETTER') {
      ending = decideEnding(await this.tryStore(delivery, ending, read), facts);
    }
    if (ending.action === 'ACKNOWLEDGE') await this.acknowledge(delivery, read);
    else await this.retryLater(delivery, ending, read);
    return ending;
  }

  /** Releases a message that was not worked on, so that another consumer of the group has it soon. */
  async giveBack(delivery: Delivery): Promise<void> {
    await delivery.changeInvisibleDuration(1000, CONCLUDE_TIMEOUT_MS).catch(() => {
      this.logger.debug({
        message: 'message not given back; the broker redelivers it by itself',
        ...this.about(delivery, undefined),
      });
    });
  }

  private factsOf({ message, deliveryAttempt }: Delivery): DeliveryFacts {
    return {
      deliveryAttempt,
      attemptsMax: this.listener.attemptsMax,
      countFailure: (of) => this.failures.count(of, message),
    };
  }

  private async tryStore(
    delivery: Delivery,
    ending: DeadLetterIt,
    read: ReadMessage | undefined,
  ): Promise<DeliveryStep> {
    try {
      const stored = await this.deadLetters.store({ ...ending, listener: this.listener, delivery, read });
      this.logger.error({
        message:
          stored === 'STORED'
            ? `message stored as dead letter: ${ending.reason}`
            : 'message needs no dead letter',
        ...this.about(delivery, read),
        cause: ending.error.message,
        ...(ending.reason === 'HANDLER_FAILED' && { stack: ending.error.stack }),
      });
      if (stored === 'STORED') this.telemetry.deadLetterStored(ending.reason);
      this.failures.forget(delivery.message);
      return { step: 'DEAD_LETTER_STORED' };
    } catch (error) {
      return { step: 'STORING_FAILED', ending, error };
    }
  }

  private async retryLater(
    delivery: Delivery,
    { kind, failures, delayMs, error }: RetryLater,
    read: ReadMessage | undefined,
  ): Promise<void> {
    const advice = needsAnOperator(kind, failures)
      ? '; waiting does not help: finish the migration, grant the right, or correct the statement'
      : '';
    this.logger[advice === '' ? 'warn' : 'error']({
      message: `message comes again in ${delayMs} ms: ${kind.toLowerCase()} failure ${failures}${advice}`,
      ...this.about(delivery, read),
      cause: String(error),
    });
    await delivery.changeInvisibleDuration(delayMs, CONCLUDE_TIMEOUT_MS).catch((cause: unknown) => {
      this.logger.warn({
        message:
          'the retry delay could not be set; the broker redelivers the message when its invisible duration ends',
        ...this.about(delivery, read),
        cause: String(cause),
      });
    });
  }

  private async acknowledge(delivery: Delivery, read: ReadMessage | undefined): Promise<void> {
    const txNo = read?.txNo ?? delivery.message.keys[0];
    try {
      await this.faults.at('consume.before-acknowledge', { txNo });
      await delivery.acknowledge(CONCLUDE_TIMEOUT_MS);
      await this.faults.at('consume.acknowledged', { txNo });
    } catch (error) {
      this.logger.warn({
        message: 'acknowledgement failed; the broker redelivers the message, which will be a duplicate then',
        ...this.about(delivery, read),
        cause: String(error),
      });
    }
  }

  private logConsumed(
    delivery: Delivery,
    result: Exclude<ConsumptionResult, Error>,
    read: ReadMessage | undefined,
  ): void {
    const what = typeof result === 'string' ? `consumed: ${result}` : `ignored: ${result.ignored}`;
    this.logger.log({ message: `message ${what}`, ...this.about(delivery, read) });
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
