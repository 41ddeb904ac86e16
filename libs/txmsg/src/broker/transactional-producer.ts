import type { MessageHead, OutgoingMessage } from './message.js';
import type { BrokerClient } from './broker-client.js';

/** The resolution of a half message. A half message gets one resolution only, ever. */
export type TransactionResolution = 'COMMIT' | 'ROLLBACK';

/** What a check-back answers; after UNKNOWN the broker asks again later. */
export type CheckBackAnswer = TransactionResolution | 'UNKNOWN';

/**
 * Called by the transport, possibly many times and concurrently for one half message. May throw: that is UNKNOWN.
 * It sees no body: questions queue up, and bodies could fill the memory.
 */
export type CheckBackHandler = (message: MessageHead) => Promise<CheckBackAnswer>;

/** A half message that the broker has stored. */
export interface HalfMessage {
  readonly messageId: string;
  /**
   * Tells the broker the resolution, with a few quick retries within `timeoutMs`. Success means only that it was
   * sent on: the broker may still lose it, and check-back finishes it.
   * @throws HalfMessageForgottenError, BrokerNotReadyError, BrokerError, BrokerTimeoutError; InvalidArgumentError
   * when the other resolution was given before, here or as the answer to a check-back
   */
  end(resolution: TransactionResolution, timeoutMs: number): Promise<void>;
}

/** Sends half messages to one transactional topic and is asked about them (and those of its dead siblings). */
export interface TransactionalProducer extends BrokerClient {
  /**
   * One try, never repeated. On an error the message may have been stored all the same.
   * @throws BrokerNotReadyError or InvalidArgumentError when nothing was sent; BrokerError, BrokerTimeoutError
   * otherwise
   */
  sendHalfMessage(message: OutgoingMessage, timeoutMs: number): Promise<HalfMessage>;
}
