import type { RocketmqRemotingOptions } from '../src/options/rocketmq.options.js';
import { openTestBroker, SILENT_LOGGER, type TestBroker } from './test-broker.js';
import { RemotingTransport } from '../src/rocketmq/remoting/remoting.transport.js';

/** Somewhere on this machine where nobody listens. */
const NOBODY = '127.0.0.1:9';

export interface RemotingTestBroker extends Omit<TestBroker, 'options'> {
  readonly options: RocketmqRemotingOptions;
}

/** The real broker of the test environment, reached without the proxy. */
export function openRemotingTestBroker(
  addresses: { endpoints?: string; namesrv?: string } = {},
): RemotingTestBroker {
  const nameServers = [addresses.namesrv ?? process.env.ROCKETMQ_NAMESRV ?? ''];
  const options = { transport: 'remoting', nameServers, logger: SILENT_LOGGER } as const;
  return {
    ...openTestBroker(addresses),
    options,
    transport: new RemotingTransport(options),
    unreachable: () => new RemotingTransport({ ...options, nameServers: [NOBODY] }),
  };
}
