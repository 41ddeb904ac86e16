import { Logger } from '@nestjs/common';
import {
  CommitOutcomeUnknownError,
  Deadline,
  type DatabaseTransactions,
  type TransactionContext,
} from 'txmsg';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import { TxNoInsert } from './tx-no-insert.js';

/**
 * What became of a transaction that stores a thing under its txNo.
 * - `STORED`: it is committed, with all that was written beside it.
 * - `EXISTS`: the txNo has a row; this call wrote nothing.
 * - `HELD`: another transaction holds the row of this txNo, or may hold it, because the time ended while the row was being
 *   inserted; this call wrote nothing. Only that row can tell what became of an earlier call, when it is read with a lock.
 * - `UNKNOWN`: the answer to COMMIT was lost: only the row can tell, when it is read with a lock.
 */
export type StoreOutcome = 'STORED' | 'EXISTS' | 'HELD' | 'UNKNOWN';

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
  const inserting = new TxNoInsert();
  try {
    return await transactions.run<StoreOutcome>(
      async (context) => {
        try {
          await inserting.run(() => insert(context));
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
    const isUnknown = error instanceof CommitOutcomeUnknownError;
    if (!isUnknown && !inserting.mayHaveWaited(error)) throw error;
    logger.warn(`The row must tell what became of a transaction: ${String(error)}`, { txNo });
    return isUnknown ? 'UNKNOWN' : 'HELD';
  }
}
