// The module and its options.
export { SeataModule, type SeataModuleAsyncOptions } from './seata.module.js';
export type { SeataOptions } from './seata.options.js';
export { SeataHealthIndicator } from './health/seata.health-indicator.js';

// Global transactions, here and over HTTP.
export {
  GlobalTransactions,
  type GlobalTransactionOptions,
  type GlobalTransactionResult,
} from './tm/global-transactions.js';
export { GlobalTransactional } from './tm/global-transactional.decorator.js';
export { fetchInGlobalTransaction } from './http/fetch-in-global-transaction.js';
export { XID_HEADER, xidHeaders } from './http/xid-headers.js';
export { XidInterceptor, type AcceptXidFrom, type IncomingRequest } from './http/xid.interceptor.js';

// Branches of one's own kind, and what every mode is made of.
export type { Branch, BranchResource, BranchType, PhaseTwoAnswer } from './rm/branch.js';
export { ResourceRegistry } from './rm/resource.registry.js';
export { BranchRegistrar, type BranchRegistration, type LockQuery } from './rm/branch.registrar.js';
export {
  currentGlobalTransaction,
  type GlobalTransactionContext,
  type GlobalTransactionRole,
  type OwnBranch,
  type OwnBranchOutcome,
} from './tm/global-transaction.context.js';
export { SEATA_FAULT_POINTS, type SeataFaultPoint } from './seata-fault-point.js';

// TCC.
export { TccActions } from './tcc/tcc-actions.js';
export type { PhaseTwoMethod, TccAction, TccCall } from './tcc/tcc-action.js';
export {
  TwoPhaseBusinessAction,
  type TwoPhaseBusinessActionOptions,
} from './tcc/two-phase-business-action.decorator.js';

// AT.
export {
  AtBranchProbe,
  AtResource,
  AtTransactions,
  GlobalLocks,
  type AtBranchState,
  type AtEntityManager,
  type AtOptions,
  type AtRunOptions,
  type CommittedRow,
} from './at/index.js';

// Errors.
export {
  AtConflictError,
  AtImageChangedError,
  AtIsOffError,
  AtStatementRefusedError,
  AtTooLargeError,
  AtValueRefusedError,
} from './errors/at.errors.js';
export {
  CoordinatorRefusedError,
  CoordinatorTimeoutError,
  CoordinatorUnavailableError,
  GlobalLockConflictError,
  GlobalTransactionDeadlineError,
  GlobalTransactionOverError,
  GlobalTransactionRolledBackError,
  GlobalTransactionUnknownError,
  MalformedFrameError,
  MalformedXidError,
  MessageNotEncodableError,
  NestedGlobalTransactionError,
  NoGlobalTransactionError,
  SeataError,
  TccActionUnknownError,
  TccInputError,
  TccSuspendedError,
  UnawaitedBranchError,
  XidNotAcceptedError,
  type GlobalTransactionEnd,
} from './errors/index.js';
