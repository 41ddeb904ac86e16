import { DatabaseUnavailableError, TransactionDeadlineError } from 'txmsg';
import { isLockConflict } from 'txmsg/building-blocks';

/**
 * The INSERT of the row by which a call is known, whose key is its txNo. Until it has succeeded, its transaction may wait for
 * the row of an earlier call with this txNo, or have met it.
 */
export class TxNoInsert {
  private isUnfinished = false;

  /** Runs the INSERT, with what finds out about a row that is there already. */
  async run<T>(insert: () => Promise<T>): Promise<T> {
    this.isUnfinished = true;
    const value = await insert();
    this.isUnfinished = false;
    return value;
  }

  /**
   * Whether a transaction that failed with this error, and so stored nothing, may have waited for an earlier call. That one may
   * still be under way: nobody is told that nothing was done before it has ended.
   */
  mayHaveWaited(error: unknown): boolean {
    if (isLockConflict(error)) return true;
    // Either may have ended a further try before its INSERT began: then it is the try before that waited.
    const isLate = error instanceof TransactionDeadlineError || error instanceof DatabaseUnavailableError;
    return isLate && this.isUnfinished;
  }
}
