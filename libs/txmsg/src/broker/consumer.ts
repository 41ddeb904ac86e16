import type { BrokerClient } from './broker-client.js';
import type { IncomingMessage } from './message.js';

/** One delivery of a message. The broker redelivers it when it is neither acknowledged nor extended in time. */
export interface Delivery {
  /** The message as the broker delivered it. */
  readonly message: IncomingMessage;
  /** Counted by the broker, from 1; counts every delivery, not only those on which the handler failed. */
  readonly deliveryAttempt: number;
  /** May be repeated. @throws BrokerError, BrokerTimeoutError; the broker then redelivers the message. */
  acknowledge(timeoutMs: number): Promise<void>;
  /**
   * Makes the message invisible for `durationMs` from now: to work longer on it, or to have it redelivered after that time
   * (0 is allowed; RocketMQ redelivers 2 to 3 s later). Does nothing once it is acknowledged. The calls of one delivery run
   * one after another, so a renewal and an acknowledgement may be called at the same time.
   * @throws BrokerNotReadyError, BrokerError, BrokerTimeoutError; the message is then redelivered when it was due before
   */
  changeInvisibleDuration(durationMs: number, timeoutMs: number): Promise<void>;
}

/** How messages are received. */
export interface ReceiveOptions {
  /** How many at most, from 1; RocketMQ hands out 32 at most. */
  readonly messagesMax: number;
  /** How long to wait for the first message, in ms. Any length; below 5000 it costs no more requests. */
  readonly awaitMs: number;
  /** How long the messages stay invisible to the group's other consumers, in ms; the broker's minimum is 10 000. */
  readonly invisibleMs: number;
  /** A larger body, inflated, is cut. @default that of DEFAULT_MESSAGE_LIMITS */
  readonly bodyBytesMax?: number;
}

/** Receives messages of one topic for one consumer group. */
export interface Consumer extends BrokerClient {
  /**
   * Up to `messagesMax` messages (RocketMQ: 32 at most), possibly none; returns none at once when the consumer is closed. An
   * unreadable message does not affect the others: it is delivered with its body as it came, and one that is too large with
   * the beginning of its body (`cut`). Several calls may run at once and share what arrives.
   * @throws BrokerNotReadyError, BrokerError, BrokerTimeoutError
   */
  receive(options: ReceiveOptions): Promise<Delivery[]>;
}
