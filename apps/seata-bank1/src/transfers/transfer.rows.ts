import { openRowsSince, type OpenRow } from '@txmsg/service/seata';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { TransferOverError, type Transfer, type TransferOrder } from './transfer.js';

/** What beginning a transfer came to. */
export type Begun = 'BEGUN' | 'CONFLICT' | 'EXISTS';

/** Under AT a row shows phase one; until phase two has deleted its undo log, it may still be undone. */
const SELECT = `SELECT t.tx_no AS txNo, t.pattern, t.account_no AS accountNo, t.to_account_no AS toAccountNo, t.amount, t.xid,
    IF(t.state = 'COMMITTED' AND EXISTS (SELECT 1 FROM undo_log u WHERE u.xid = t.xid AND u.log_status = 0),
      'OPEN', t.state) AS state, t.create_time AS createTime
  FROM transfer t`;

/** Whether a row is that of an earlier call for the same transfer. */
export function isSameTransfer(row: TransferOrder, order: TransferOrder): boolean {
  const keys = ['pattern', 'accountNo', 'toAccountNo', 'amount'] as const;
  return keys.every((key) => row[key] === order[key]);
}

/** The statements on `transfer`. Each runs in the transaction of the EntityManager that it is given. */
export const transferRows = {
  async find(manager: EntityManager, txNo: string): Promise<Transfer | undefined> {
    const [row] = await manager.query<Transfer[]>(`${SELECT} WHERE t.tx_no = ?`, [txNo]);
    return row;
  },

  async page(manager: EntityManager, after: string, size: number): Promise<Transfer[]> {
    return manager.query<Transfer[]>(`${SELECT} WHERE t.tx_no > ? ORDER BY t.tx_no LIMIT ?`, [after, size]);
  },

  /** Inserts the row, or opens one again that was rolled back. A row of other contents is left alone. */
  async begin(manager: EntityManager, order: TransferOrder, xid: string): Promise<Begun> {
    const { txNo, pattern, accountNo, toAccountNo, amount } = order;
    try {
      await manager.query(
        'INSERT INTO transfer (tx_no, pattern, account_no, to_account_no, amount, xid) VALUES (?, ?, ?, ?, ?, ?)',
        [txNo, pattern, accountNo, toAccountNo, amount, xid],
      );
      return 'BEGUN';
    } catch (error) {
      if (!isDuplicateEntry(error)) throw error;
    }
    const [row] = await manager.query<Transfer[]>(`${SELECT} WHERE t.tx_no = ? FOR UPDATE`, [txNo]);
    if (row === undefined || !isSameTransfer(row, order)) return 'CONFLICT';
    if (row.state !== 'ROLLED_BACK') return 'EXISTS';
    await manager.query(
      "UPDATE transfer SET state = 'OPEN', xid = ?, begin_time = CURRENT_TIMESTAMP(3) WHERE tx_no = ?",
      [xid, txNo],
    );
    return 'BEGUN';
  },

  /** For a try: nobody ends the transfer meanwhile. @throws TransferOverError */
  async lockOpen(manager: EntityManager, { txNo, xid }: OpenRow): Promise<void> {
    const rows = await manager.query<object[]>(
      "SELECT tx_no FROM transfer WHERE tx_no = ? AND xid = ? AND state = 'OPEN' FOR UPDATE",
      [txNo, xid],
    );
    if (rows.length === 0) throw new TransferOverError(txNo, xid);
  },

  /** Under AT this is part of phase one, and undone with it. @throws TransferOverError unless it is open */
  async end(
    manager: EntityManager,
    { txNo, xid }: OpenRow,
    state: 'COMMITTED' | 'ROLLED_BACK',
  ): Promise<void> {
    if (!(await endIfOpen(manager, { txNo, xid }, state))) throw new TransferOverError(txNo, xid);
  },

  /** @returns whether it was open */
  rollBackIfOpen(manager: EntityManager, row: OpenRow): Promise<boolean> {
    return endIfOpen(manager, row, 'ROLLED_BACK');
  },

  /** Open ones that began longer ago and whose try has not taken effect. */
  openSince(manager: EntityManager, olderThanMs: number, countMax: number): Promise<OpenRow[]> {
    return openRowsSince(manager, 'transfer', olderThanMs, countMax);
  },
};

/** @returns whether it was open */
async function endIfOpen(
  manager: EntityManager,
  { txNo, xid }: OpenRow,
  state: 'COMMITTED' | 'ROLLED_BACK',
): Promise<boolean> {
  const { affectedRows } = await manager.query<{ affectedRows: number }>(
    "UPDATE transfer SET state = ? WHERE tx_no = ? AND xid = ? AND state = 'OPEN'",
    [state, txNo, xid],
  );
  return affectedRows === 1;
}
