import { Logger } from '@nestjs/common';
import {
  CommitOutcomeUnknownError,
  Deadline,
  TransactionDeadlineError,
  type DatabaseTransactions,
  type TransactionContext,
} from 'txmsg';
import { isDuplicateEntry, isLockConflict } from 'txmsg/building-blocks';

/**
 * What became of a transaction that stores a thing under its txNo.
 * - `STORED`: it is committed, with all that was written beside it.
 * - `EXISTS`: the txNo has a row; this call wrote nothing.
 * - `UNKNOWN`: the answer to COMMIT was lost, or another transaction holds the row of this txNo, or may hold it, because the
 *   time ended while the row was being inserted: only that row can tell, when it is read with a lock.
 */
export type StoreOutcome = 'STORED' | 'EXISTS' | 'UNKNOWN';

export interface StoredOnce {
  readonly txNo: string;
  readonly timeoutMs: number;
  /** Inserts the row, whose key is the txNo, before anything else. A duplicate entry means `EXISTS`. */
  readonly insert: (context: TransactionContext) => Promise<void>;
  /** What is written with it. @default nothing */
  readonly andThen?: (context: TransactionContext) => Promise<void>;
  readonly beforeCommit?: (context: TransactionContext) => Promise<void>;
}

const logger = new Logger('StoreOnce');

/**
 * Stores a thing once, however often and by however many callers it is asked for under one txNo: the row's primary key is
 * where they meet.
 * @throws whatever kept the transaction from being committed; nothing was stored then, and nothing will be
 */
export async function storeOnce(
  transactions: DatabaseTransactions,
  { txNo, timeoutMs, insert, andThen, beforeCommit }: StoredOnce,
): Promise<StoreOutcome> {
  // From before the INSERT until it has succeeded: meanwhile it may wait for the row of an earlier call, or have met it.
  let isInserting = false;
  try {
    return await transactions.run<StoreOutcome>(
      async (context) => {
        try {
          isInserting = true;
          await insert(context);
          isInserting = false;
        } catch (error) {
          if (isDuplicateEntry(error)) return { decision: 'ROLLBACK', value: 'EXISTS' };
          throw error;
        }
        await andThen?.(context);
        return { decision: 'COMMIT', value: 'STORED' };
      },
      { deadline: Deadline.in(timeoutMs), txNos: [txNo], ...(beforeCommit && { beforeCommit }) },
    );
  } catch (error) {
    // An earlier call with this txNo may still be under way: nobody is told that nothing was done before it has ended.
    const mayHaveWaited = isLockConflict(error) || (error instanceof TransactionDeadlineError && isInserting);
    if (!(error instanceof CommitOutcomeUnknownError) && !mayHaveWaited) throw error;
    logger.warn(`The row must tell what became of a transaction: ${String(error)}`, { txNo });
    return 'UNKNOWN';
  }
}
