// What a service needs to send and receive. Other entries: txmsg/admin, txmsg/testing, txmsg/faults, txmsg/mysql,
// txmsg/schema, txmsg/cli, txmsg/sql, txmsg/building-blocks. libs/txmsg/api/ holds what each of them exports.

// The module and its options.
export {
  TxMsgModule,
  type TxMsgModuleAsyncOptions,
  type TxMsgModuleExtras,
  type TxMsgOptionsFactory,
} from './txmsg.module.js';
export type { TxMsgOptions } from './options/txmsg.options.js';
export type { NameOptions } from './options/deployment-names.js';
export { TX_NO_PATTERN, type MessageLimits } from './limits/index.js';
export type {
  RocketmqConnectionOptions,
  RocketmqGrpcOptions,
  RocketmqOptions,
  RocketmqRemotingOptions,
  TransportLogger,
} from './options/rocketmq.options.js';
export { mysqlDataSourceOptions, type MysqlConnectionOptions } from './database/index.js';

// Sending.
export { TransactionTemplate, type SendInTransactionOptions } from './transaction/transaction-template.js';
export type { ListenerDecorator } from './options/listener.decorator.js';
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
  type CheckBackOverride,
  type LocalTransactionItem,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
} from './transaction/local-transaction.js';
export { LocalMessageOutbox, type LocalMessage } from './outbox/index.js';
export type { CheckBackAnswer, CutBody, IncomingMessage, MessageHead } from './broker/index.js';

// Receiving.
export {
  MessageListener,
  type MessageListenerOptions,
  type PayloadClass,
} from './consumer/message-listener.decorator.js';
export {
  ignore,
  type BatchMessageHandler,
  type Ignored,
  type MessageHandler,
  type MessageHooks,
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
  type DeadLetterFilter,
  type ReadOptions,
  type DeadLetterState,
  type DeadLetterSummary,
  type RedriveOptions,
} from './dead-letter/index.js';

// Transactions of the service's own, by the same rules, and readiness.
export {
  DatabaseTransactions,
  type Decision,
  type RunOptions,
  type TransactionContext,
} from './database/index.js';
export { Deadline } from './deadline/index.js';
export { TxMsgHealthIndicator } from './health/txmsg.health-indicator.js';

// Long work that a transaction starts.
export {
  DURABLE_JOB_STATES,
  DurableJob,
  DurableJobs,
  type DurableJobHandler,
  type DurableJobOptions,
  type DurableJobPage,
  type DurableJobQuery,
  type DurableJobState,
  type DurableJobStatus,
  type JobRetried,
  type JobStart,
  type JobStarted,
  type RunningJob,
  type StepResult,
} from './jobs/index.js';

// Reconciliation: claiming what has been under way for too long.
export {
  backOff,
  DueRows,
  ladder,
  workOnEach,
  type DueRow,
  type Pause,
  type UnderWayTable,
  type WorkOnEachOptions,
} from './reconciliation/index.js';

// Errors.
export {
  BrokerError,
  BrokerNotReadyError,
  BrokerTimeoutError,
  BrokerUnavailableError,
  CommitOutcomeUnknownError,
  ContentsChangedError,
  ContentsNotJsonError,
  DatabaseUnavailableError,
  ForbiddenStatementError,
  HalfMessageForgottenError,
  HalfMessageNotSentError,
  InvalidArgumentError,
  JobKeyConflictError,
  JobPostponedError,
  LocalTransactionFailedError,
  MessageTooLargeError,
  NestedTransactionOpenError,
  NestedTransactionOverlapError,
  PoisonMessageError,
  TransactionDeadlineError,
  TransactionDoomedError,
  TransactionFencedError,
  TransactionOverError,
  TxMsgConfigurationError,
  TxMsgError,
  TxNoConflictError,
  UnfinishedStatementError,
  type TransactionEnd,
} from './errors/index.js';
export { MysqlUrlError } from './database/index.js';
