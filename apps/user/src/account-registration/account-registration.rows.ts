import { openRowsSince, type OpenRow } from '@txmsg/service/seata';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import {
  AccountRegistrationOverError,
  type AccountRegistration,
  type AccountRegistrationOrder,
  type NewUserAccount,
} from './account-registration.js';

/** What beginning a registration came to. */
export type Begun =
  | { readonly kind: 'BEGUN'; readonly userId: string }
  | { readonly kind: 'CONFLICT' | 'EXISTS' | 'NAME_TAKEN' };

/** Under AT a row shows phase one; until phase two has deleted its undo log, it may still be undone. */
const SELECT = `SELECT r.tx_no AS txNo, r.pattern, r.user_id AS userId, r.name, r.xid,
    IF(r.state = 'COMMITTED' AND EXISTS (SELECT 1 FROM undo_log u WHERE u.xid = r.xid AND u.log_status = 0),
      'OPEN', r.state) AS state, r.create_time AS createTime
  FROM registration r`;

/** Whether a row is that of an earlier call for the same registration. */
export function isSameRegistration(row: AccountRegistrationOrder, order: AccountRegistrationOrder): boolean {
  return row.pattern === order.pattern && row.name === order.name;
}

/** The statements on `registration`. Each runs in the transaction of the EntityManager that it is given. */
export const accountRegistrationRows = {
  async find(manager: EntityManager, txNo: string): Promise<AccountRegistration | undefined> {
    const [row] = await manager.query<AccountRegistration[]>(`${SELECT} WHERE r.tx_no = ?`, [txNo]);
    return row;
  },

  /**
   * Inserts the row, or opens one again that was rolled back; from then on its name is held. A row of other contents is left
   * alone.
   */
  async begin(manager: EntityManager, order: NewUserAccount, xid: string): Promise<Begun> {
    const { txNo, pattern, userId, name } = order;
    try {
      await manager.query(
        'INSERT INTO registration (tx_no, pattern, user_id, name, held_name, xid) VALUES (?, ?, ?, ?, ?, ?)',
        [txNo, pattern, userId, name, name, xid],
      );
      return { kind: 'BEGUN', userId };
    } catch (error) {
      if (!isDuplicateEntry(error)) throw error;
    }
    const [row] = await manager.query<AccountRegistration[]>(`${SELECT} WHERE r.tx_no = ? FOR UPDATE`, [
      txNo,
    ]);
    if (row === undefined) return { kind: 'NAME_TAKEN' };
    if (!isSameRegistration(row, order)) return { kind: 'CONFLICT' };
    if (row.state !== 'ROLLED_BACK') return { kind: 'EXISTS' };
    try {
      await manager.query(
        "UPDATE registration SET state = 'OPEN', held_name = name, xid = ?, begin_time = CURRENT_TIMESTAMP(3) WHERE tx_no = ?",
        [xid, txNo],
      );
    } catch (error) {
      if (!isDuplicateEntry(error)) throw error;
      return { kind: 'NAME_TAKEN' };
    }
    return { kind: 'BEGUN', userId: row.userId };
  },

  /** For a try: nobody ends the registration meanwhile. @throws AccountRegistrationOverError */
  async lockOpen(
    manager: EntityManager,
    { txNo, xid }: OpenRow,
  ): Promise<Pick<NewUserAccount, 'txNo' | 'userId' | 'name'>> {
    const [row] = await manager.query<Pick<NewUserAccount, 'txNo' | 'userId' | 'name'>[]>(
      "SELECT tx_no AS txNo, user_id AS userId, name FROM registration WHERE tx_no = ? AND xid = ? AND state = 'OPEN' FOR UPDATE",
      [txNo, xid],
    );
    if (row === undefined) throw new AccountRegistrationOverError(txNo, xid);
    return row;
  },

  /** Under AT this is part of phase one, and undone with it. @throws AccountRegistrationOverError unless it is open */
  async commit(manager: EntityManager, { txNo, xid }: OpenRow): Promise<void> {
    const { affectedRows } = await manager.query<{ affectedRows: number }>(
      "UPDATE registration SET state = 'COMMITTED' WHERE tx_no = ? AND xid = ? AND state = 'OPEN'",
      [txNo, xid],
    );
    if (affectedRows !== 1) throw new AccountRegistrationOverError(txNo, xid);
  },

  /** Gives the name back. @returns whether it was open */
  async rollBackIfOpen(manager: EntityManager, { txNo, xid }: OpenRow): Promise<boolean> {
    const { affectedRows } = await manager.query<{ affectedRows: number }>(
      "UPDATE registration SET state = 'ROLLED_BACK', held_name = NULL WHERE tx_no = ? AND xid = ? AND state = 'OPEN'",
      [txNo, xid],
    );
    return affectedRows === 1;
  },

  /** Open ones that began longer ago and whose try has not taken effect. */
  openSince(manager: EntityManager, olderThanMs: number, countMax: number): Promise<OpenRow[]> {
    return openRowsSince(manager, 'registration', olderThanMs, countMax);
  },
};
