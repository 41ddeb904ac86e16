import { Injectable } from '@nestjs/common';
import { isDuplicateEntry, isLockConflict, isLockedNow, ReservedConnections } from '../database/index.js';
import type { Deadline } from '../deadline/index.js';
import type { AttemptKey } from './barrier.js';

/** The outcome of an attempt: COMMIT and ROLLBACK are final and proven; with UNKNOWN it has to be looked up again. */
export type AttemptOutcome = 'COMMIT' | 'ROLLBACK' | 'UNKNOWN';

/**
 * Reads the outcome of an attempt from the barrier, and decides it when there is none: an attempt whose row is absent is
 * fenced by a tombstone, a ROLLBACK row. Its local transaction can never commit after that, because its own insert collides.
 * Answering ROLLBACK without the tombstone would lose the message when the local transaction is merely slow.
 */
@Injectable()
export class AttemptOutcomes {
  constructor(private readonly connections: ReservedConnections) {}

  /** @throws DatabaseUnavailableError and other database errors; the outcome is UNKNOWN then */
  async resolve(
    key: AttemptKey,
    deadline: Deadline,
    beforeTombstone?: () => Promise<void>,
  ): Promise<AttemptOutcome> {
    const read = await this.read(key, deadline);
    if (read !== 'ABSENT') return read;
    await beforeTombstone?.();
    if (await this.insertTombstone(key, deadline)) return 'ROLLBACK';
    const again = await this.read(key, deadline);
    return again === 'ABSENT' ? 'UNKNOWN' : again;
  }

  /** The txNo's own row: its contents' hash, ABSENT, or UNKNOWN while a transaction is inserting it. */
  async findDone(txNo: string, scope: string, deadline: Deadline): Promise<Buffer | 'ABSENT' | 'UNKNOWN'> {
    const rows = await this.readRow<{ contents_hash: Buffer }>('contents_hash', [txNo, scope, ''], deadline);
    if (rows === 'LOCKED') return 'UNKNOWN';
    return rows[0]?.contents_hash ?? 'ABSENT';
  }

  /** Looks without deciding anything; UNKNOWN while a transaction is inserting the row. */
  async read(key: AttemptKey, deadline: Deadline): Promise<AttemptOutcome | 'ABSENT'> {
    const rows = await this.readRow<{ outcome: 'COMMIT' | 'ROLLBACK' }>(
      'outcome',
      [key.txNo, key.scope, key.attempt],
      deadline,
    );
    if (rows === 'LOCKED') return 'UNKNOWN';
    return rows[0]?.outcome ?? 'ABSENT';
  }

  /** A locking read: a plain one would not see a local transaction that is committing right now. */
  private async readRow<Row>(
    column: 'outcome' | 'contents_hash',
    key: string[],
    deadline: Deadline,
  ): Promise<Row[] | 'LOCKED'> {
    try {
      return await this.connections.execute<Row[]>(
        `SELECT ${column} FROM de_duplication WHERE tx_no = ? AND scope = ? AND attempt = ? FOR SHARE NOWAIT`,
        key,
        deadline,
      );
    } catch (error) {
      if (isLockedNow(error)) return 'LOCKED';
      throw error;
    }
  }

  /** False when there was another row or lock in the way: read again. */
  private async insertTombstone(key: AttemptKey, deadline: Deadline): Promise<boolean> {
    try {
      await this.connections.execute(
        `INSERT INTO de_duplication (tx_no, scope, attempt, outcome, create_time)
         VALUES (?, ?, ?, 'ROLLBACK', UTC_TIMESTAMP(3))`,
        [key.txNo, key.scope, key.attempt],
        deadline,
      );
      return true;
    } catch (error) {
      if (isDuplicateEntry(error) || isLockConflict(error)) return false;
      throw error;
    }
  }
}
