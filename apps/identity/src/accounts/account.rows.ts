import { ProblemCode, type TwoPhasePattern } from '@txmsg/contracts';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { AccountRefusedError, type Account, type AccountOrder, type NewAccount } from './account.js';

/** What a login is checked against. */
export interface Login {
  readonly name: string;
  readonly userId: string;
  readonly passwordHash: string;
}

interface Place {
  readonly txNo: string;
}

/**
 * Under AT a row shows phase one; until phase two has deleted its undo log, it may still be undone. Row and undo log are
 * committed together and are read by one statement, so that no reader sees the one without the other.
 */
const IS_PENDING = `(a.state = 'RESERVED'
    OR EXISTS (SELECT 1 FROM undo_log u WHERE u.xid = a.xid AND u.log_status = 0))`;

const SELECT = `SELECT a.tx_no AS txNo, a.pattern, a.user_id AS userId, a.name,
    IF(${IS_PENDING}, 'PENDING', 'ACTIVE') AS state, a.create_time AS createTime
  FROM account a`;

/** The statements on `account`. Each runs in the transaction of the EntityManager that it is given. */
export const accountRows = {
  async find(manager: EntityManager, name: string): Promise<Account | undefined> {
    const [row] = await manager.query<Account[]>(`${SELECT} WHERE a.name = ?`, [name]);
    return row;
  },

  /** Undefined also for one that is pending. */
  async findUsable(manager: EntityManager, name: string): Promise<Login | undefined> {
    const [row] = await manager.query<Login[]>(
      `SELECT a.name, a.user_id AS userId, a.password_hash AS passwordHash
       FROM account a WHERE a.name = ? AND NOT ${IS_PENDING}`,
      [name],
    );
    return row;
  },

  /**
   * Whether the order can be stored as far as can be seen now. It spares the hash of a password, and promises nothing.
   * @throws AccountRefusedError
   */
  async assertFree(manager: EntityManager, { txNo, name }: AccountOrder): Promise<void> {
    const rows = await manager.query<Place[]>(
      'SELECT tx_no AS txNo FROM account WHERE tx_no = ? UNION ALL SELECT tx_no FROM account WHERE name = ?',
      [txNo, name],
    );
    if (rows.some((row) => row.txNo === txNo)) throw stillThere(txNo);
    if (rows.length > 0) throw nameTaken(name);
  },

  /** @throws AccountRefusedError */
  async insert(
    manager: EntityManager,
    { txNo, userId, name, passwordHash }: NewAccount,
    pattern: TwoPhasePattern,
    xid: string,
  ): Promise<void> {
    const state = pattern === 'AT' ? 'ACTIVE' : 'RESERVED';
    try {
      await manager.query(
        'INSERT INTO account (tx_no, pattern, user_id, name, password_hash, xid, state) VALUES (?, ?, ?, ?, ?, ?, ?)',
        [txNo, pattern, userId, name, passwordHash, xid, state],
      );
    } catch (error) {
      if (!isDuplicateEntry(error)) throw error;
      const rows = await manager.query<Place[]>('SELECT tx_no AS txNo FROM account WHERE tx_no = ?', [txNo]);
      throw rows.length > 0 ? stillThere(txNo) : nameTaken(name);
    }
  },

  async confirm(manager: EntityManager, { txNo }: Place, xid: string): Promise<void> {
    await one(
      manager,
      "UPDATE account SET state = 'ACTIVE' WHERE tx_no = ? AND xid = ? AND state = 'RESERVED'",
      txNo,
      xid,
    );
  },

  async delete(manager: EntityManager, { txNo }: Place, xid: string): Promise<void> {
    await one(manager, "DELETE FROM account WHERE tx_no = ? AND xid = ? AND state = 'RESERVED'", txNo, xid);
  },
};

async function one(manager: EntityManager, sql: string, txNo: string, xid: string): Promise<void> {
  const { affectedRows } = await manager.query<{ affectedRows: number }>(sql, [txNo, xid]);
  if (affectedRows !== 1) throw new Error(`the reserved account of "${txNo}" is gone`);
}

function nameTaken(name: string): AccountRefusedError {
  return new AccountRefusedError(
    ProblemCode.NAME_TAKEN,
    `The name "${name}" has an account, or may get one.`,
  );
}

/** The registration was rolled back before and is asked for again, and the coordinator has not undone it here yet. */
function stillThere(txNo: string): AccountRefusedError {
  return new AccountRefusedError(
    ProblemCode.TX_NO_CONFLICT,
    `txNo "${txNo}" has an account already, or one that is still to be undone.`,
  );
}
