export type { RocketmqOptions, TransportLogger } from '../rocketmq.options.js';
export { RocketmqTransport } from './rocketmq.transport.js';
