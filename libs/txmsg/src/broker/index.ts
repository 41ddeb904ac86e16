export { formatBrokerAddress, parseBrokerAddress, type BrokerAddress } from './broker-address.js';
export type { BrokerClient } from './broker-client.js';
export { BrokerClients } from './broker-clients.js';
export { BrokerTransport } from './broker-transport.js';
export type { Consumer, Delivery, ReceiveOptions } from './consumer.js';
export { bornAtMsOf, firstSentAtMs, firstSentProperty } from './first-sent.js';
export { isInfrastructureFailure } from './infrastructure-failure.js';
export { cutBody, withCutBody } from './cut-body.js';
export type { MeasuredHalfMessage, MeasuredTransactionalProducer } from './measured-clients.js';
export type { CutBody, IncomingMessage, MessageHead, OutgoingMessage } from './message.js';
export type { Producer } from './producer.js';
export {
  ATTEMPT_PROPERTY,
  type CheckBackAnswer,
  type CheckBackHandler,
  type HalfMessage,
  type TransactionalProducer,
  type TransactionResolution,
} from './transactional-producer.js';
