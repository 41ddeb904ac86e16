import type { GlobalStatus } from '../wire/index.js';
import type { OwnBranchOutcome } from './global-transaction.context.js';

/** How a global transaction ends. UNKNOWN: nobody can say yet which, or a person must end it. */
export type GlobalTransactionOutcome = 'COMMITTED' | 'ROLLED_BACK' | 'UNKNOWN';

/** What the coordinator was asked for. */
export type EndRequest = 'Commit' | 'Rollback';

/** The coordinator has decided to commit, and asks until every branch has; also where it says that a branch failed so far. */
const WILL_COMMIT: readonly GlobalStatus[] = ['Committed', 'Committing', 'CommitRetrying', 'AsyncCommitting'];

/** The same for a rollback, which counts when it was asked for. */
const WILL_ROLL_BACK: readonly GlobalStatus[] = [
  'Rollbacked',
  'Rollbacking',
  'RollbackRetrying',
  'TimeoutRollbacked',
  'TimeoutRollbacking',
  'TimeoutRollbackRetrying',
];

/**
 * The coordinator has given up, and asks no branch any more: what one branch says does not hold for the others, and a person
 * must end them.
 */
const GIVEN_UP: readonly GlobalStatus[] = [
  'CommitFailed',
  'CommitRetryTimeout',
  'RollbackFailed',
  'RollbackRetryTimeout',
  'TimeoutRollbackFailed',
];

/** Whether this answer is the last word, and leaves it to a person how the global transaction ends. */
export function isGivenUp(status: GlobalStatus | undefined): boolean {
  return status !== undefined && GIVEN_UP.includes(status);
}

/**
 * How a global transaction ends, as far as this can be said for certain. What the coordinator answers to a commit proves
 * a commit or nothing: "Finished" is its word for both ends, and for a transaction that it has never heard of.
 * @param status - its answer; undefined: none came, or it was not asked
 * @param own - what the own branches' databases say
 */
export function outcomeOf(
  asked: EndRequest,
  status: GlobalStatus | undefined,
  own: readonly OwnBranchOutcome[],
): GlobalTransactionOutcome {
  if (status !== undefined && WILL_COMMIT.includes(status)) return 'COMMITTED';
  if (status !== undefined && asked === 'Rollback' && WILL_ROLL_BACK.includes(status)) return 'ROLLED_BACK';
  if (isGivenUp(status)) return 'UNKNOWN';
  const [committed, rolledBack] = [own.includes('COMMITTED'), own.includes('ROLLED_BACK')];
  if (committed === rolledBack) return 'UNKNOWN';
  return committed ? 'COMMITTED' : 'ROLLED_BACK';
}
