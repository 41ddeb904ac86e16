import type { MessageHead, OutgoingMessage } from './message.js';
import type { BrokerClient } from './broker-client.js';

/** Names the attempt of a half message, among its properties. Part of the wire format. */
export const ATTEMPT_PROPERTY = 'txmsg-attempt';

/** The resolution of a half message. A half message gets one resolution only, ever. */
export type TransactionResolution = 'COMMIT' | 'ROLLBACK';

/** The answer to a check-back; after UNKNOWN the broker checks back again at its next check interval. */
export type CheckBackAnswer = TransactionResolution | 'UNKNOWN';

/**
 * Answers the broker's check-backs; may be called many times and concurrently for one half message. A throw is answered
 * UNKNOWN. It is not given the body, because waiting check-backs with bodies could take all the memory.
 */
export type CheckBackHandler = (message: MessageHead) => Promise<CheckBackAnswer>;

/** A half message that the broker has stored. */
export interface HalfMessage {
  /** The id under which the broker asks about it. */
  readonly messageId: string;
  /**
   * Sends the resolution to the broker, with a few quick retries within `timeoutMs`. Not guaranteed: that the broker acts on
   * it; when it is lost, a check-back follows.
   * @throws HalfMessageForgottenError, BrokerNotReadyError, BrokerError, BrokerTimeoutError; InvalidArgumentError
   * when the other resolution was given before, here or as the answer to a check-back
   */
  end(resolution: TransactionResolution, timeoutMs: number): Promise<void>;
}

/** Sends half messages to one transactional topic, and is asked about them and about those of crashed instances. */
export interface TransactionalProducer extends BrokerClient {
  /**
   * Sends once, without retries. After an error the message may have been stored all the same.
   * @throws BrokerNotReadyError or InvalidArgumentError when nothing was sent; BrokerError, BrokerTimeoutError
   * otherwise
   */
  sendHalfMessage(message: OutgoingMessage, timeoutMs: number): Promise<HalfMessage>;
}
