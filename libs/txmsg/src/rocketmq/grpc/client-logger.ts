import { format } from 'node:util';
import type { ILogger } from 'rocketmq-client-nodejs';
import type { TransportLogger } from '../../options/rocketmq.options.js';

/**
 * rocketmq-client-nodejs 1.0.8 calls `logger.debug` and `logger.close` without looking whether they exist: with a
 * plain logger a commit rejects after it was sent and a rollback is never sent. Without any logger it writes
 * files under the user's home. So it gets a complete one. All of it is debug output here: whatever matters also
 * reaches the adapter as an error or a lost connection, and is logged there, once.
 * Test: client-logger.spec.ts, "has every method the client calls".
 */
export function createClientLogger(logger: TransportLogger): Required<ILogger> {
  const debug = (...details: unknown[]) => {
    logger.debug?.(format(...details));
  };
  return { debug, info: debug, warn: debug, error: debug, close: () => undefined };
}
