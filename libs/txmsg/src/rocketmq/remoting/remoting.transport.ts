import { BrokerTransport, type CheckBackHandler } from '../../broker/index.js';
import type { RocketmqRemotingOptions } from '../../options/rocketmq.options.js';
import { RemotingConsumer } from './remoting.consumer.js';
import { RemotingProducer } from './remoting.producer.js';
import { remotingSettingsOf, type RemotingSettings } from './remoting.settings.js';
import { RemotingTransactionalProducer } from './remoting-transactional.producer.js';

/**
 * The message broker by its own ("remoting") protocol, without a proxy. Every client that it creates has connections
 * of its own to the name server and all brokers that carry its topic, and keeps them up until it is closed.
 *
 * Half messages belong to the topic's name as their producer group, as those do that go through the proxy: instances
 * of either transport answer for each other, and only one service may create transactional producers of a topic.
 */
export class RemotingTransport extends BrokerTransport {
  private readonly settings: RemotingSettings;

  /** @throws TxMsgConfigurationError with everything that is wrong with the options */
  constructor(options: RocketmqRemotingOptions) {
    super();
    this.settings = remotingSettingsOf(options);
  }

  override createTransactionalProducer(topic: string, checkBack: CheckBackHandler) {
    return new RemotingTransactionalProducer(topic, checkBack, this.settings);
  }

  override createProducer(topic: string) {
    return new RemotingProducer(topic, this.settings);
  }

  override createConsumer(topic: string, consumerGroup: string) {
    return new RemotingConsumer(topic, consumerGroup, this.settings);
  }
}
