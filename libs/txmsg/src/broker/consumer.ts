import type { BrokerClient } from './broker-client.js';
import type { IncomingMessage } from './message.js';

/** One delivery of a message. The broker redelivers it when it is neither acknowledged nor extended in time. */
export interface Delivery {
  readonly message: IncomingMessage;
  /** Counted by the broker, from 1; counts deliveries for whatever reason, not handler attempts. */
  readonly deliveryAttempt: number;
  /** Repeating it does no harm. @throws BrokerError, BrokerTimeoutError; the message then comes again. */
  acknowledge(timeoutMs: number): Promise<void>;
  /**
   * Hides the message for `durationMs` from now: to work longer on it, or to have it again after a pause (any
   * length, 0 too; RocketMQ brings it back 2 to 3 s later than that). Does nothing once it is acknowledged. The
   * calls of one delivery run one after another, so a renewal and an acknowledgement may overlap.
   * @throws BrokerNotReadyError, BrokerError, BrokerTimeoutError; the message then comes when it was due before
   */
  changeInvisibleDuration(durationMs: number, timeoutMs: number): Promise<void>;
}

export interface ReceiveOptions {
  readonly messagesMax: number;
  /** How long to wait for the first message. Any length; below 5000 it costs no more requests. */
  readonly awaitMs: number;
  /** How long the messages stay hidden from the group's other consumers; the broker's minimum is 10 000. */
  readonly invisibleMs: number;
  /** A larger body, inflated, is cut. @default that of DEFAULT_MESSAGE_LIMITS */
  readonly bodyBytesMax?: number;
}

/** Receives messages of one topic for one consumer group. */
export interface Consumer extends BrokerClient {
  /**
   * Up to `messagesMax` messages (RocketMQ: 32 at most), possibly none; none at once when this is closed. One
   * unreadable message never costs its neighbours: it is delivered with the body as it came, and one that is too
   * large with the beginning of it (`cut`). Several calls may run at once and share what arrives.
   * @throws BrokerNotReadyError, BrokerError, BrokerTimeoutError
   */
  receive(options: ReceiveOptions): Promise<Delivery[]>;
}
