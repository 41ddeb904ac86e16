/**
 * For the tests of a service. `InMemoryBroker` takes the place of RocketMQ:
 * `Test.createTestingModule(…).overrideProvider(BrokerTransport).useValue(new InMemoryBroker())`. Nothing here needs a
 * test runner, and nothing belongs into production.
 */
export { InMemoryBroker, type InMemoryBrokerOptions } from './in-memory-broker.js';
export type { InMemoryFaults, InMemoryLoss } from './in-memory-faults.js';
export type { StoredHalfMessage } from './in-memory-topic.js';
export { eventually, type Decided, type EventuallyOptions } from './eventually.js';
export { MysqlProxy, type MysqlFault } from './mysql-proxy.js';
export {
  BrokerTransport,
  type BrokerClient,
  type CheckBackHandler,
  type Consumer,
  type Delivery,
  type HalfMessage,
  type OutgoingMessage,
  type Producer,
  type ReceiveOptions,
  type TransactionalProducer,
  type TransactionResolution,
} from '../broker/index.js';
