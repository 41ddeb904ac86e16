// Branches of one's own kind, and what every mode is made of.
export type { Branch, BranchResource, BranchType, PhaseTwoAnswer } from './rm/branch.js';
export { ResourceRegistry } from './rm/resource.registry.js';
export { BranchRegistrar, type BranchRegistration } from './rm/branch.registrar.js';
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
