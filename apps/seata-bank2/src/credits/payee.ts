import { ProblemCode } from '@txmsg/contracts';
import type { EntityManager } from 'typeorm';
import { CreditRefusedError, type CreditOrder } from './credit.js';

/** What DECIMAL(19,2) can hold. */
const BALANCE_MAX = '99999999999999999.99';

type Payment = Pick<CreditOrder, 'accountNo' | 'amount'>;

interface PayeeRow {
  readonly id: string;
  readonly status: 'ACTIVE' | 'FROZEN';
  readonly hasRoom: string | number;
}

/**
 * Locks the payee's row until the end of the transaction, and looks whether it can be credited. Room that tries have
 * reserved counts as used.
 * @returns the row's primary key
 * @throws CreditRefusedError
 */
export async function lockPayee(manager: EntityManager, { accountNo, amount }: Payment): Promise<string> {
  const [payee] = await manager.query<PayeeRow[]>(
    `SELECT id, status, account_balance + reserved <= ${BALANCE_MAX} - CAST(? AS DECIMAL(19,2)) AS hasRoom
     FROM account_info WHERE account_no = ? FOR UPDATE`,
    [amount, accountNo],
  );
  if (payee === undefined) {
    throw new CreditRefusedError(
      ProblemCode.ACCOUNT_NOT_FOUND,
      `There is no account "${accountNo}" at this bank.`,
    );
  }
  if (payee.status === 'FROZEN') {
    throw new CreditRefusedError(ProblemCode.ACCOUNT_FROZEN, `Account "${accountNo}" is frozen.`);
  }
  if (Number(payee.hasRoom) !== 1) {
    throw new CreditRefusedError(
      ProblemCode.BALANCE_OVERFLOW,
      `Account "${accountNo}" cannot hold ${amount} more.`,
    );
  }
  return payee.id;
}

/** @param set - the assignments, each with `CAST(? AS DECIMAL(19,2))` for the amount */
export async function changePayee(
  manager: EntityManager,
  set: string,
  amounts: readonly string[],
  accountNo: string,
): Promise<void> {
  const { affectedRows } = await manager.query<{ affectedRows: number }>(
    `UPDATE account_info SET ${set} WHERE account_no = ?`,
    [...amounts, accountNo],
  );
  if (affectedRows !== 1) throw new Error(`account "${accountNo}" is gone`);
}
