import type { BrokerClient } from './broker-client.js';
import type { OutgoingMessage } from './message.js';

/** Sends ordinary messages to one topic of type NORMAL. */
export interface Producer extends BrokerClient {
  /**
   * At least once: on an error the message may have been stored all the same, and callers repeat it.
   * @throws InvalidArgumentError when the message cannot be sent as it is; BrokerNotReadyError, BrokerError,
   * BrokerTimeoutError
   */
  send(message: OutgoingMessage, timeoutMs: number): Promise<{ messageId: string }>;
}
