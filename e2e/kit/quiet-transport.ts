import { RocketmqTransport } from '../../libs/txmsg/src/rocketmq/index.js';
import type { RocketmqConnectionOptions } from 'txmsg';
import type { Servers } from './servers.js';

const quiet = (): void => undefined;

/** A client of the tests' own, which logs nothing about connections that are lost and made again. */
export function quietTransport(
  { endpoints, user }: Servers,
  options: Pick<RocketmqConnectionOptions, 'credentials'> = {},
): RocketmqTransport {
  const logger = { log: quiet, warn: quiet, error: quiet, debug: quiet };
  return new RocketmqTransport({ endpoints, logger, ...(user && { credentials: user }), ...options });
}
