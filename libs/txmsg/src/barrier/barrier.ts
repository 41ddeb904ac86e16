import type { EntityManager } from 'typeorm';
import { IDENTIFIER, isDuplicateEntry, valuesTable } from '../database/index.js';

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

  /** As `enterFresh`, for attempts. @throws BarrierCollisionError */
  async enterFreshAttempts(
    entityManager: EntityManager,
    scope: string,
    entries: readonly AttemptEntry[],
  ): Promise<Map<string, Buffer>> {
    return this.withoutDone(entityManager, scope, entries, (fresh) =>
      this.enterAttempts(entityManager, fresh),
    );
  }

  /**
   * Inserts the rows of those txNos that have not been done. That there are others shows when the first INSERT fails, so
   * they cost a statement more only where they are met.
   * @returns the hashes of those that have been done
   * @throws BarrierCollisionError for any other row that stands in the way
   */
  async enterFresh(
    entityManager: EntityManager,
    scope: string,
    entries: readonly BarrierEntry[],
  ): Promise<Map<string, Buffer>> {
    return this.withoutDone(entityManager, scope, entries, (fresh) => this.enterOnce(entityManager, fresh));
  }

  /** Deletes rows that the same transaction has inserted, so that these txNos can still be done here. */
  async leaveAll(
    entityManager: EntityManager,
    entries: readonly Pick<BarrierEntry, 'txNo' | 'scope'>[],
  ): Promise<void> {
    await deleteRows(
      entityManager,
      entries.map(({ txNo, scope }) => ({ txNo, scope, attempt: DONE })),
    );
  }

  /** Deletes all rows that the same transaction has inserted for these attempts, as if they had never entered. */
  async withdrawAttempts(entityManager: EntityManager, keys: readonly AttemptKey[]): Promise<void> {
    await deleteRows(entityManager, [...keys.map((key) => ({ ...key, attempt: DONE })), ...keys]);
  }

  /** Deletes the txNo rows that the same transaction has inserted, and records ROLLBACK as the outcome of the attempts. */
  async refuseAttempts(entityManager: EntityManager, keys: readonly AttemptKey[]): Promise<void> {
    if (keys.length === 0) return;
    await this.leaveAll(entityManager, keys);
    await entityManager.query(
      `UPDATE ${valuesTable('chosen', KEY, keys.length)} STRAIGHT_JOIN de_duplication refused FORCE INDEX (PRIMARY)
         USING (tx_no, scope, attempt) SET refused.outcome = 'ROLLBACK'`,
      keys.flatMap(({ txNo, scope, attempt }) => [txNo, scope, attempt]),
    );
  }

  /**
   * Whether these very contents have been done. Waits for a transaction that is inserting the row, and keeps the row from
   * being purged until the transaction ends.
   */
  async isDone(entityManager: EntityManager, { txNo, scope, contentsHash }: BarrierEntry): Promise<boolean> {
    const done = await this.findDone(entityManager, scope, [txNo], 'FOR SHARE');
    return done.get(txNo)?.equals(contentsHash) === true;
  }

  private async withoutDone<Entry extends { readonly txNo: string }>(
    entityManager: EntityManager,
    scope: string,
    entries: readonly Entry[],
    enter: (fresh: readonly Entry[]) => Promise<void>,
  ): Promise<Map<string, Buffer>> {
    try {
      await enter(entries);
      return new Map();
    } catch (error) {
      if (!(error instanceof BarrierCollisionError)) throw error;
      // Only the statement was rolled back.
      const txNos = entries.map(({ txNo }) => txNo);
      const done = await this.findDone(entityManager, scope, txNos);
      if (done.size === 0) throw error;
      const fresh = entries.filter(({ txNo }) => !done.has(txNo));
      if (fresh.length > 0) await enter(fresh);
      return done;
    }
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

/** The primary key of `de_duplication`, each column typed as it is there. */
const KEY = {
  tx_no: IDENTIFIER,
  scope: 'CAST(? AS CHAR(128) CHARACTER SET utf8mb4) COLLATE utf8mb4_0900_bin',
  attempt: 'CAST(? AS CHAR(36) CHARACTER SET ascii) COLLATE ascii_bin',
};

async function deleteRows(entityManager: EntityManager, keys: readonly AttemptKey[]): Promise<void> {
  if (keys.length === 0) return;
  await entityManager.query(
    `DELETE done FROM ${valuesTable('chosen', KEY, keys.length)} STRAIGHT_JOIN de_duplication done FORCE INDEX (PRIMARY)
       USING (tx_no, scope, attempt)`,
    keys.flatMap(({ txNo, scope, attempt }) => [txNo, scope, attempt]),
  );
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
