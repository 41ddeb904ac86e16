/** How Seata numbers the modes that this library speaks. */
export const BRANCH_TYPE_CODES = { AT: 0, TCC: 1 } as const;

/** How Seata numbers what a branch answers. */
export const BRANCH_STATUS = {
  COMMITTED: 5,
  COMMIT_RETRY: 6,
  COMMIT_FAILED: 7,
  ROLLED_BACK: 8,
  ROLLBACK_RETRY: 9,
  ROLLBACK_FAILED: 10,
} as const;

/** Seata's names for how far a global transaction has come, by their number. */
export const GLOBAL_STATUSES = [
  'UnKnown',
  'Begin',
  'Committing',
  'CommitRetrying',
  'Rollbacking',
  'RollbackRetrying',
  'TimeoutRollbacking',
  'TimeoutRollbackRetrying',
  'AsyncCommitting',
  'Committed',
  'CommitFailed',
  'Rollbacked',
  'RollbackFailed',
  'TimeoutRollbacked',
  'TimeoutRollbackFailed',
  'Finished',
  'CommitRetryTimeout',
  'RollbackRetryTimeout',
] as const;
/** One of `GLOBAL_STATUSES`. */
export type GlobalStatus = (typeof GLOBAL_STATUSES)[number];

/** A number that is not known, as newer coordinators have some, says nothing. */
export function globalStatusOf(code: number): GlobalStatus {
  return GLOBAL_STATUSES[code] ?? 'UnKnown';
}

/** The ordinals of Seata's TransactionExceptionCode that mean something to a branch. */
export const EXCEPTION_CODES = {
  LOCK_KEY_CONFLICT: 2,
  GLOBAL_TRANSACTION_NOT_EXIST: 10,
  GLOBAL_TRANSACTION_NOT_ACTIVE: 11,
  GLOBAL_TRANSACTION_STATUS_INVALID: 12,
  LOCK_KEY_CONFLICT_FAIL_FAST: 20,
} as const;
