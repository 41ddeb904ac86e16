export type {
  RocketmqGrpcOptions,
  RocketmqOptions,
  RocketmqRemotingOptions,
  TransportLogger,
} from '../options/rocketmq.options.js';
export { RocketmqTransport } from './grpc/rocketmq.transport.js';
