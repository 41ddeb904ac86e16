export {
  TxMsgModule,
  type TxMsgModuleAsyncOptions,
  type TxMsgModuleExtras,
  type TxMsgOptionsFactory,
} from './txmsg.module.js';
export type { TxMsgOptions } from './txmsg.options.js';
export type { NameOptions } from './deployment-names.js';
export { TX_NO_PATTERN, type MessageLimits } from './limits/index.js';
export { retentionProblems, type Retention } from './retention.rules.js';
export type {
  RocketmqConnectionOptions,
  RocketmqGrpcOptions,
  RocketmqOptions,
  RocketmqRemotingOptions,
} from './rocketmq.options.js';

export { TransactionTemplate, type SendInTransactionOptions } from './transaction/transaction-template.js';
export type { ResendGuard } from './transaction/transactional-topic.js';
export type { TransactionSendResult } from './transaction/transaction-send-result.js';
export {
  TransactionListener,
  type TransactionListenerOptions,
} from './transaction/transaction-listener.decorator.js';
export {
  commit,
  rollback,
  type BatchLocalTransactionListener,
  type LocalTransactionItem,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
} from './transaction/local-transaction.js';

export { MessageListener, type MessageListenerOptions } from './consumer/message-listener.decorator.js';
export {
  ignore,
  type BatchMessageHandler,
  type Ignored,
  type MessageHandler,
  type MessageItem,
} from './consumer/message-handler.js';
export { DEAD_LETTER_REASONS, type DeadLetterReason } from './consumer/retry-policy.js';
export {
  DEAD_LETTER_STATES,
  DeadLetters,
  type DeadLetter,
  type DeadLetterActor,
  type DeadLetterHistoryEntry,
  type DeadLetterPage,
  type DeadLetterQuery,
  type DeadLetterResult,
  type DeadLetterState,
  type DeadLetterSummary,
} from './dead-letter/index.js';

export { LocalMessageOutbox } from './outbox/index.js';

export { BackgroundLoop, Deadline, waitAtMost, withDeadline } from './deadline/index.js';
export {
  DatabaseTransactions,
  isDatabaseTrouble,
  isDuplicateEntry,
  type Decision,
  type TransactionContext,
} from './database/index.js';
export {
  MysqlUrlError,
  mysqlDataSourceOptions,
  mysqlPlace,
  parseMysqlUrl,
  withConnection,
  type MysqlConnectionOptions,
  type MysqlServer,
  type MysqlTls,
} from './database/index.js';
export {
  BrokerTransport,
  parseBrokerAddress,
  type BrokerAddress,
  type CheckBackAnswer,
  type CutBody,
  type IncomingMessage,
  type MessageHead,
} from './broker/index.js';
export {
  ConfiguredFaults,
  FAULT_ACTIONS,
  FAULT_POINTS,
  FaultInjector,
  type FaultAction,
  type FaultContext,
  type FaultPoint,
  type FaultRule,
  type FaultRuleState,
  type ServiceFaultPoint,
} from './faults/index.js';
export { TxMsgHealthIndicator } from './health/txmsg.health-indicator.js';
export * from './errors/index.js';
