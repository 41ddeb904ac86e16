import { ProblemCode, type TwoPhasePattern } from '@txmsg/contracts';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { CreditRefusedError, type CreditOrder, type CreditState } from './credit.js';

/** A credit, as its row has it. */
export interface Credit extends CreditOrder {
  readonly pattern: TwoPhasePattern;
  readonly xid: string;
  readonly state: CreditState;
  readonly createTime: Date;
}

/** Under AT a row shows phase one; until phase two has deleted its undo log, it may still be undone. */
const SELECT = `SELECT c.tx_no AS txNo, c.pattern, c.account_no AS accountNo, c.amount, c.xid,
    IF(c.state = 'RESERVED' OR EXISTS (SELECT 1 FROM undo_log u WHERE u.xid = c.xid AND u.log_status = 0),
      'OPEN', 'CREDITED') AS state, c.create_time AS createTime
  FROM credit c`;

/** The statements on `credit`. Each runs in the transaction of the EntityManager that it is given. */
export const creditRows = {
  async find(manager: EntityManager, txNo: string): Promise<Credit | undefined> {
    const [row] = await manager.query<Credit[]>(`${SELECT} WHERE c.tx_no = ?`, [txNo]);
    return row;
  },

  async page(manager: EntityManager, after: string, size: number): Promise<Credit[]> {
    return manager.query<Credit[]>(`${SELECT} WHERE c.tx_no > ? ORDER BY c.tx_no LIMIT ?`, [after, size]);
  },

  /** @throws CreditRefusedError when the txNo has a row, also that of an earlier global transaction that is still being undone */
  async insert(
    manager: EntityManager,
    { txNo, accountNo, amount }: CreditOrder,
    pattern: TwoPhasePattern,
    xid: string,
  ): Promise<void> {
    const state = pattern === 'AT' ? 'CREDITED' : 'RESERVED';
    try {
      await manager.query(
        'INSERT INTO credit (tx_no, pattern, account_no, amount, xid, state) VALUES (?, ?, ?, ?, ?, ?)',
        [txNo, pattern, accountNo, amount, xid, state],
      );
    } catch (error) {
      if (!isDuplicateEntry(error)) throw error;
      throw new CreditRefusedError(
        ProblemCode.TX_NO_CONFLICT,
        `txNo "${txNo}" has a credit at this bank already.`,
      );
    }
  },

  async confirm(manager: EntityManager, { txNo }: CreditOrder, xid: string): Promise<void> {
    await one(
      manager,
      "UPDATE credit SET state = 'CREDITED' WHERE tx_no = ? AND xid = ? AND state = 'RESERVED'",
      txNo,
      xid,
    );
  },

  async delete(manager: EntityManager, { txNo }: CreditOrder, xid: string): Promise<void> {
    await one(manager, "DELETE FROM credit WHERE tx_no = ? AND xid = ? AND state = 'RESERVED'", txNo, xid);
  },
};

async function one(manager: EntityManager, sql: string, txNo: string, xid: string): Promise<void> {
  const { affectedRows } = await manager.query<{ affectedRows: number }>(sql, [txNo, xid]);
  if (affectedRows !== 1) throw new Error(`the reserved credit of "${txNo}" is gone`);
}
