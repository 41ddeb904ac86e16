import type { EntityManager } from 'typeorm';
import type { AccountStatus } from './account.entity.js';

/** What DECIMAL(19,2) can hold. */
export const BALANCE_MAX = '99999999999999999.99';

export type DebitOutcome = 'DONE' | 'NO_SUCH_ACCOUNT' | 'ACCOUNT_FROZEN' | 'INSUFFICIENT_BALANCE';
export type CreditOutcome = 'DONE' | 'NO_SUCH_ACCOUNT' | 'ACCOUNT_FROZEN' | 'BALANCE_OVERFLOW';

/**
 * Takes `amount` out of an active account that holds it, in the caller's transaction; any other outcome has
 * changed nothing. The check and the change are one statement, so two debits cannot both see the same money.
 *
 * `CAST(? AS DECIMAL(19,2))` is not decoration: MySQL computes a balance minus a string parameter in DOUBLE.
 */
export async function debit(
  manager: EntityManager,
  accountNo: string,
  amount: string,
): Promise<DebitOutcome> {
  const changed = await update(
    manager,
    `UPDATE account_info SET account_balance = account_balance - CAST(? AS DECIMAL(19,2))
      WHERE account_no = ? AND status = 'ACTIVE' AND account_balance >= CAST(? AS DECIMAL(19,2))`,
    [amount, accountNo, amount],
  );
  if (changed) return 'DONE';
  return (await whyNot(manager, accountNo)) ?? 'INSUFFICIENT_BALANCE';
}

/**
 * Adds `amount` to an active account, in the caller's transaction; any other outcome has changed nothing.
 * @param balanceMax - what the account may hold afterwards
 */
export async function credit(
  manager: EntityManager,
  accountNo: string,
  amount: string,
  balanceMax = BALANCE_MAX,
): Promise<CreditOutcome> {
  const changed = await update(
    manager,
    `UPDATE account_info SET account_balance = account_balance + CAST(? AS DECIMAL(19,2))
      WHERE account_no = ? AND status = 'ACTIVE'
        AND account_balance <= CAST(? AS DECIMAL(19,2)) - CAST(? AS DECIMAL(19,2))`,
    [amount, accountNo, balanceMax, amount],
  );
  if (changed) return 'DONE';
  return (await whyNot(manager, accountNo)) ?? 'BALANCE_OVERFLOW';
}

/**
 * Gives `amount` back to the account that it was taken from, whatever the account's status: money that nobody
 * took must not stay on its way. In the caller's transaction.
 * @throws Error when there is no such account, which a debit before makes impossible
 */
export async function refund(manager: EntityManager, accountNo: string, amount: string): Promise<void> {
  const changed = await update(
    manager,
    'UPDATE account_info SET account_balance = account_balance + CAST(? AS DECIMAL(19,2)) WHERE account_no = ?',
    [amount, accountNo],
  );
  if (!changed) throw new Error(`account "${accountNo}" is gone; ${amount} cannot be given back`);
}

async function update(manager: EntityManager, sql: string, parameters: readonly string[]): Promise<boolean> {
  const { affectedRows } = await manager.query<{ affectedRows: number }>(sql, [...parameters]);
  return affectedRows === 1;
}

async function whyNot(
  manager: EntityManager,
  accountNo: string,
): Promise<'NO_SUCH_ACCOUNT' | 'ACCOUNT_FROZEN' | undefined> {
  const sql = 'SELECT status FROM account_info WHERE account_no = ?';
  const [account] = await manager.query<{ status: AccountStatus }[]>(sql, [accountNo]);
  if (!account) return 'NO_SUCH_ACCOUNT';
  return account.status === 'ACTIVE' ? undefined : 'ACCOUNT_FROZEN';
}
