export { InMemoryBroker, type InMemoryBrokerOptions } from './in-memory-broker.js';
export type { InMemoryFaults, InMemoryLoss } from './in-memory-faults.js';
export type { StoredHalfMessage } from './in-memory-topic.js';
export { eventually, type EventuallyOptions } from './eventually.js';
export { MysqlProxy, type MysqlFault } from './mysql-proxy.js';
