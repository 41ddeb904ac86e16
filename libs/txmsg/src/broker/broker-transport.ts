import type { Consumer } from './consumer.js';
import type { Producer } from './producer.js';
import type { CheckBackHandler, TransactionalProducer } from './transactional-producer.js';

/**
 * Everything that the library needs of a message broker. `rocketmq/` implements it for RocketMQ, `testing/` in memory; one
 * contract suite tests that all implementations behave alike.
 */
export abstract class BrokerTransport {
  /** A producer of one transactional topic. All producers of that topic, in any process, must be able to answer for each other. */
  abstract createTransactionalProducer(topic: string, checkBack: CheckBackHandler): TransactionalProducer;
  /** A producer of ordinary messages to one topic of type NORMAL. */
  abstract createProducer(topic: string): Producer;
  /** A consumer of one topic for one group. */
  abstract createConsumer(topic: string, consumerGroup: string): Consumer;
}
