import { ProblemCode } from '@txmsg/contracts';
import type { EntityManager } from 'typeorm';
import { TransferRefusedError, type TransferOrder } from './transfer.js';

type Payment = Pick<TransferOrder, 'accountNo' | 'amount'>;

interface PayerRow {
  readonly id: string;
  readonly status: 'ACTIVE' | 'FROZEN';
  readonly hasEnough: string | number;
}

/**
 * Locks the payer's row until the end of the transaction, and looks whether it can pay.
 * `CAST(? AS DECIMAL(19,2))` is not decoration: MySQL compares a balance with a string parameter in DOUBLE.
 * @returns the row's primary key
 * @throws TransferRefusedError
 */
export async function lockPayer(manager: EntityManager, { accountNo, amount }: Payment): Promise<string> {
  const [payer] = await manager.query<PayerRow[]>(
    `SELECT id, status, account_balance >= CAST(? AS DECIMAL(19,2)) AS hasEnough
     FROM account_info WHERE account_no = ? FOR UPDATE`,
    [amount, accountNo],
  );
  if (payer === undefined) {
    throw new TransferRefusedError(
      ProblemCode.ACCOUNT_NOT_FOUND,
      `There is no account "${accountNo}" at this bank.`,
    );
  }
  if (payer.status === 'FROZEN') {
    throw new TransferRefusedError(ProblemCode.ACCOUNT_FROZEN, `Account "${accountNo}" is frozen.`);
  }
  if (Number(payer.hasEnough) !== 1) {
    throw new TransferRefusedError(
      ProblemCode.INSUFFICIENT_BALANCE,
      `Account "${accountNo}" holds less than ${amount}.`,
    );
  }
  return payer.id;
}
