import { BrokerTransport, type CheckBackHandler } from '../../broker/index.js';
import { settingsOf, type TransportSettings } from './client-options.js';
import { RocketmqConsumer } from './rocketmq.consumer.js';
import type { RocketmqGrpcOptions } from '../../options/rocketmq.options.js';
import { RocketmqProducer } from './rocketmq.producer.js';
import { RocketmqTransactionalProducer } from './rocketmq-transactional.producer.js';

/**
 * The message broker as RocketMQ 5 offers it to gRPC clients, through rocketmq-client-nodejs 1.0.8. Every client
 * that it creates has its own connection, which it re-creates for as long as the client is not closed.
 *
 * The proxy knows no producer group: every transactional producer of a topic, in whatever process, can be asked
 * about every half message of that topic, so only one service may create any.
 */
export class RocketmqTransport extends BrokerTransport {
  private readonly settings: TransportSettings;

  constructor(options: RocketmqGrpcOptions) {
    super();
    this.settings = settingsOf(options);
  }

  override createTransactionalProducer(topic: string, checkBack: CheckBackHandler) {
    return new RocketmqTransactionalProducer(topic, checkBack, this.settings);
  }

  override createProducer(topic: string) {
    return new RocketmqProducer(topic, this.settings);
  }

  override createConsumer(topic: string, consumerGroup: string) {
    return new RocketmqConsumer(topic, consumerGroup, this.settings);
  }
}
