import type { BrokerClient } from './broker-client.js';
import type { OutgoingMessage } from './message.js';

/** Sends ordinary messages to one topic of type NORMAL. */
export interface Producer extends BrokerClient {
  /**
   * At least once: after an error the message may have been stored all the same, and the caller sends it again.
   * @throws InvalidArgumentError when the message cannot be sent as it is; BrokerNotReadyError, BrokerError,
   * BrokerTimeoutError
   */
  send(message: OutgoingMessage, timeoutMs: number): Promise<{ messageId: string }>;
}
