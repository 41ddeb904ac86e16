import type { BrokerTransport } from '../broker/index.js';
import type { RocketmqOptions } from '../options/rocketmq.options.js';

/**
 * The transport that the options name. Only that one is loaded: the official client and gRPC take longer to load, and
 * more memory, than everything else here.
 *
 * @throws TxMsgConfigurationError with everything that is wrong with the options
 */
export async function createTransport(options: RocketmqOptions): Promise<BrokerTransport> {
  if (options.transport === 'remoting') {
    const { RemotingTransport } = await import('./remoting/remoting.transport.js');
    return new RemotingTransport(options);
  }
  const { RocketmqTransport } = await import('./grpc/rocketmq.transport.js');
  return new RocketmqTransport(options);
}
