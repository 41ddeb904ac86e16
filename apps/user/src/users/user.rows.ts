import type { EntityManager } from 'typeorm';

/**
 * PENDING: the registration with a login account that makes the user is not ended here, so that they may still be rolled back.
 * Nothing may be done for them before.
 */
export const USER_STATES = ['PENDING', 'ACTIVE'] as const;
export type UserState = (typeof USER_STATES)[number];

/** A user, as their rows have them. */
export interface User {
  readonly userId: string;
  readonly name: string;
  readonly txNo: string;
  readonly state: UserState;
  readonly createTime: Date;
}

/**
 * A user without a registration of this kind is active. Under AT, user, registration and undo log are committed together, and
 * are read by one statement: no reader sees the one without the other.
 */
const IS_PENDING = `EXISTS (SELECT 1 FROM registration r WHERE r.user_id = i.user_id AND (r.state <> 'COMMITTED'
    OR EXISTS (SELECT 1 FROM undo_log u WHERE u.xid = r.xid AND u.log_status = 0)))`;

/** Reads of `user_info`. */
export const userRows = {
  async find(manager: EntityManager, userId: string): Promise<User | undefined> {
    const [row] = await manager.query<User[]>(
      `SELECT i.user_id AS userId, i.name, i.tx_no AS txNo, IF(${IS_PENDING}, 'PENDING', 'ACTIVE') AS state,
         i.create_time AS createTime
       FROM user_info i WHERE i.user_id = ?`,
      [userId],
    );
    return row;
  },

  /**
   * Locks the user's row until the end of the transaction. The second statement sees all that was committed before the first
   * one had the lock.
   */
  async lock(manager: EntityManager, userId: string): Promise<User | undefined> {
    await manager.query('SELECT 1 FROM user_info WHERE user_id = ? FOR UPDATE', [userId]);
    return this.find(manager, userId);
  },

  /** Whether the user of this txNo is one with a login account, or is to become one. */
  async hasAccount(manager: EntityManager, userId: string): Promise<boolean> {
    const rows = await manager.query<object[]>('SELECT 1 FROM registration WHERE user_id = ?', [userId]);
    return rows.length > 0;
  },
};
