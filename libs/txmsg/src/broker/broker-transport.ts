import type { Consumer } from './consumer.js';
import type { Producer } from './producer.js';
import type { CheckBackHandler, TransactionalProducer } from './transactional-producer.js';

/**
 * The one door to the message broker. `rocketmq/` implements it with the official client, `testing/` in
 * memory; one contract suite holds both to the same behaviour.
 */
export abstract class BrokerTransport {
  /** A producer of one transactional topic. All producers of that topic, in any process, must be able to answer for each other. */
  abstract createTransactionalProducer(topic: string, checkBack: CheckBackHandler): TransactionalProducer;
  abstract createProducer(topic: string): Producer;
  abstract createConsumer(topic: string, consumerGroup: string): Consumer;
}
