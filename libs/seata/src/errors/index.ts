export { SeataError } from './seata.error.js';
export {
  CoordinatorRefusedError,
  CoordinatorTimeoutError,
  CoordinatorUnavailableError,
} from './coordinator.errors.js';
export { MalformedFrameError, MessageNotEncodableError } from './wire.errors.js';
export {
  GlobalLockConflictError,
  GlobalTransactionDeadlineError,
  GlobalTransactionOverError,
  GlobalTransactionRolledBackError,
  GlobalTransactionUnknownError,
  NestedGlobalTransactionError,
  NoGlobalTransactionError,
  UnawaitedBranchError,
  type GlobalTransactionEnd,
} from './transaction.errors.js';
export { MalformedXidError, XidNotAcceptedError } from './xid.errors.js';
export { TccActionUnknownError, TccInputError, TccSuspendedError } from './tcc.errors.js';
export {
  AtConflictError,
  AtDirtyRowError,
  AtImageChangedError,
  AtStatementRefusedError,
  AtTooLargeError,
  AtValueRefusedError,
  UndoLogDamagedError,
  UndoLogForeignError,
} from './at.errors.js';
