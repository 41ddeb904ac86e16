import type { EntityManager } from 'typeorm';
import { isDuplicateEntry } from '../database/index.js';

/** An attempt of the producer: one half message and its local transaction. */
export interface AttemptKey {
  readonly txNo: string;
  /** The producer group. */
  readonly scope: string;
  readonly attempt: string;
}

export interface BarrierEntry {
  readonly txNo: string;
  /** The producer group or the consumer group. */
  readonly scope: string;
  /** SHA-256 of the canonical contents, see `contentsHash`. */
  readonly contentsHash: Buffer;
}

/** An attempt with the contents of its txNo's row; undefined for an attempt that does not claim the txNo. */
export interface AttemptEntry extends AttemptKey {
  readonly contentsHash: Buffer | undefined;
}

/** A barrier row exists: this txNo has been done, or this attempt was fenced. Roll back, then read the row. */
export class BarrierCollisionError extends Error {}

/** The attempt column of the row that says "this txNo has been done here". */
export const DONE = '';

/**
 * The barrier: rows of `de_duplication`, inserted in the same transaction as the work that they guard and before it (lock
 * order: barrier, then the service's own rows). The primary key (tx_no, scope, attempt) makes an effect happen once. It is
 * the table's only unique key, because secondary unique keys take next-key locks even in READ COMMITTED.
 */
export class Barrier {
  /** @throws BarrierCollisionError */
  async enterAttempts(entityManager: EntityManager, entries: readonly AttemptEntry[]): Promise<void> {
    const rows = entries.flatMap(({ txNo, scope, attempt, contentsHash }) => [
      ...(contentsHash === undefined ? [] : [[txNo, scope, DONE, 'COMMIT', contentsHash]]),
      [txNo, scope, attempt, 'COMMIT', null],
    ]);
    await insertRows(entityManager, rows);
  }

  /** @throws BarrierCollisionError */
  async enterOnce(entityManager: EntityManager, entries: readonly BarrierEntry[]): Promise<void> {
    await insertRows(
      entityManager,
      entries.map(({ txNo, scope, contentsHash }) => [txNo, scope, DONE, 'COMMIT', contentsHash]),
    );
  }

  /** Deletes a row that the same transaction has inserted, so that this txNo can still be done here. */
  async leaveOnce(
    entityManager: EntityManager,
    { txNo, scope }: Pick<BarrierEntry, 'txNo' | 'scope'>,
  ): Promise<void> {
    await deleteDone(entityManager, txNo, scope);
  }

  /** Deletes the txNo rows that the same transaction has inserted, and records ROLLBACK as the outcome of the attempts. */
  async refuseAttempts(entityManager: EntityManager, keys: readonly AttemptKey[]): Promise<void> {
    for (const { txNo, scope, attempt } of keys) {
      await deleteDone(entityManager, txNo, scope);
      await entityManager.query(
        "UPDATE de_duplication SET outcome = 'ROLLBACK' WHERE tx_no = ? AND scope = ? AND attempt = ?",
        [txNo, scope, attempt],
      );
    }
  }

  /**
   * Whether these very contents have been done. Waits for a transaction that is inserting the row, and keeps the row from
   * being purged until the transaction ends.
   */
  async isDone(entityManager: EntityManager, { txNo, scope, contentsHash }: BarrierEntry): Promise<boolean> {
    const done = await this.findDone(entityManager, scope, [txNo], 'FOR SHARE');
    return done.get(txNo)?.equals(contentsHash) === true;
  }

  /** The hashes of the txNos that have been done, read as committed. */
  async findDone(
    entityManager: EntityManager,
    scope: string,
    txNos: readonly string[],
    lock: 'FOR SHARE' | '' = '',
  ): Promise<Map<string, Buffer>> {
    if (txNos.length === 0) return new Map();
    const rows = await entityManager.query<{ tx_no: string; contents_hash: Buffer }[]>(
      `SELECT tx_no, contents_hash FROM de_duplication
       WHERE tx_no IN (${txNos.map(() => '?').join(', ')}) AND scope = ? AND attempt = '' ${lock}`,
      [...txNos, scope],
    );
    return new Map(rows.map((row) => [row.tx_no, row.contents_hash]));
  }
}

async function deleteDone(entityManager: EntityManager, txNo: string, scope: string): Promise<void> {
  await entityManager.query('DELETE FROM de_duplication WHERE tx_no = ? AND scope = ? AND attempt = ?', [
    txNo,
    scope,
    DONE,
  ]);
}

async function insertRows(entityManager: EntityManager, rows: readonly unknown[][]): Promise<void> {
  try {
    await entityManager.query(
      `INSERT INTO de_duplication (tx_no, scope, attempt, outcome, contents_hash, create_time)
       VALUES ${rows.map(() => '(?, ?, ?, ?, ?, UTC_TIMESTAMP(3))').join(', ')}`,
      rows.flat(),
    );
  } catch (error) {
    if (isDuplicateEntry(error)) throw new BarrierCollisionError('barrier row exists', { cause: error });
    throw error;
  }
}
