import type { BrokerClient } from './broker-client.js';
import type { IncomingMessage } from './message.js';

/** One delivery of a message. The broker redelivers it when it is neither acknowledged nor extended in time. */
export interface Delivery {
  readonly message: IncomingMessage;
  /** Counted by the broker, from 1; counts deliveries for whatever reason, not handler attempts. */
  readonly deliveryAttempt: number;
  /** @throws BrokerError, BrokerTimeoutError; the message then comes again. */
  acknowledge(timeoutMs: number): Promise<void>;
  /** Hides the message for `durationMs` from now: to work longer on it, or to have it again after a pause. */
  hideFor(durationMs: number, timeoutMs: number): Promise<void>;
}

export interface ReceiveOptions {
  readonly messagesMax: number;
  /** How long the broker may wait for the first message. */
  readonly awaitMs: number;
  /** How long the messages stay hidden from the group's other consumers; the broker's minimum is 10 000. */
  readonly hiddenMs: number;
}

/** Receives messages of one topic for one consumer group. */
export interface Consumer extends BrokerClient {
  /**
   * Up to `messagesMax` messages, possibly none. One unreadable message never costs its neighbours: it is
   * delivered with the body as it came.
   * @throws BrokerNotReadyError, BrokerError, BrokerTimeoutError
   */
  receive(options: ReceiveOptions): Promise<Delivery[]>;
}
