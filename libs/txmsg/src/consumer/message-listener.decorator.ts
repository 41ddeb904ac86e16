import { DiscoveryService } from '@nestjs/core';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a class with any constructor
export type PayloadClass = new (...args: any[]) => object;

export interface MessageListenerOptions {
  readonly topic: string;
  /** Names the barrier's scope as well; every instance of the service uses the same one. */
  readonly consumerGroup: string;
  /** The class (class-validator, class-transformer) that the JSON body is turned into. Unknown fields are dropped. */
  readonly payload: PayloadClass;
  /**
   * Finds the txNo in the validated payload.
   * @default the payload's own property `txNo`
   */
  readonly txNo?: (payload: never) => string;
  /**
   * How often the handler may fail before the message becomes a dead letter. Each process counts by itself: a
   * restart begins at 0, N instances may fail N × (attemptsMax - 1) + 1 times, and a crash counts for nothing.
   * Failures of the database or the broker never count, and neither does a statement that does not fit the tables or
   * rights as they are (a migration may be under way): those are retried until the message is older than
   * `barrierRetentionMs`.
   * @default 16
   */
  readonly attemptsMax?: number;
  /**
   * How many handlers (single form) or transactions (batch form) run at once.
   * @default 8
   */
  readonly concurrency?: number;
  /**
   * The most messages in one transaction, for handlers in the batch form.
   * @default 16
   */
  readonly batchSizeMax?: number;
}

/**
 * Marks a provider as the handler of a topic's messages. The class implements `MessageHandler` or
 * `BatchMessageHandler`.
 */
export const MessageListener = DiscoveryService.createDecorator<MessageListenerOptions>();
