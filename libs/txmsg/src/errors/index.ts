export { TxMsgError } from './txmsg.error.js';
export { InvalidArgumentError, TxMsgConfigurationError } from './configuration.errors.js';
export { ContentsChangedError, ContentsNotJsonError } from './contents.errors.js';
export {
  BrokerError,
  BrokerNotReadyError,
  BrokerTimeoutError,
  BrokerUnavailableError,
  HalfMessageForgottenError,
} from './broker.errors.js';
export {
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  ForbiddenStatementError,
  NestedTransactionOpenError,
  NestedTransactionOverlapError,
  TransactionDeadlineError,
  TransactionDoomedError,
  TransactionOverError,
  UnfinishedStatementError,
  type TransactionEnd,
} from './database.errors.js';
export { JobKeyConflictError, JobPostponedError } from './job.errors.js';
export { MessageTooLargeError, PoisonMessageError } from './message.errors.js';
export {
  HalfMessageNotSentError,
  LocalTransactionFailedError,
  TransactionFencedError,
  TxNoConflictError,
} from './transaction.errors.js';
