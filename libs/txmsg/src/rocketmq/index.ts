export type {
  RocketmqGrpcOptions,
  RocketmqOptions,
  RocketmqRemotingOptions,
  TransportLogger,
} from '../rocketmq.options.js';
export { RocketmqTransport } from './grpc/rocketmq.transport.js';
