import { Injectable } from '@nestjs/common';
import { GlobalLocks, TwoPhaseBusinessAction, type TccAction, type TccCall } from '@txmsg/seata';
import type { EntityManager } from 'typeorm';
import { lockPayer } from './payer.js';
import { transferRows } from './transfer.rows.js';

/** What try is given, and confirm and cancel get back. */
export interface TccDebit {
  readonly txNo: string;
  readonly accountNo: string;
  readonly amount: string;
}

/** Takes the amount out of the balance into `reserved`; confirm spends it, cancel gives it back. */
@Injectable()
export class TccDebitAction implements TccAction<TccDebit, void> {
  constructor(private readonly locks: GlobalLocks) {}

  /** @throws TransferRefusedError, TransferOverError */
  @TwoPhaseBusinessAction({ name: 'seata-bank1.debit' })
  async try({ entityManager, input, xid }: TccCall<TccDebit>): Promise<void> {
    await transferRows.lockOpen(entityManager, { txNo: input.txNo, xid });
    const id = await lockPayer(entityManager, input);
    await this.locks.assertFree(xid, 'account_info', id);
    await change(
      entityManager,
      'account_balance = account_balance - CAST(? AS DECIMAL(19,2)), reserved = reserved + CAST(? AS DECIMAL(19,2))',
      [input.amount, input.amount],
      input,
    );
  }

  async confirm({ entityManager, input, xid }: TccCall<TccDebit>): Promise<void> {
    await transferRows.end(entityManager, { txNo: input.txNo, xid }, 'COMMITTED');
    await change(entityManager, 'reserved = reserved - CAST(? AS DECIMAL(19,2))', [input.amount], input);
  }

  async cancel({ entityManager, input, xid }: TccCall<TccDebit>): Promise<void> {
    await transferRows.end(entityManager, { txNo: input.txNo, xid }, 'ROLLED_BACK');
    const [account] = await entityManager.query<{ id: string }[]>(
      'SELECT id FROM account_info WHERE account_no = ? FOR UPDATE',
      [input.accountNo],
    );
    if (account !== undefined) await this.locks.assertFree(xid, 'account_info', account.id);
    await change(
      entityManager,
      'account_balance = account_balance + CAST(? AS DECIMAL(19,2)), reserved = reserved - CAST(? AS DECIMAL(19,2))',
      [input.amount, input.amount],
      input,
    );
  }
}

async function change(
  manager: EntityManager,
  set: string,
  amounts: readonly string[],
  { accountNo }: TccDebit,
): Promise<void> {
  const { affectedRows } = await manager.query<{ affectedRows: number }>(
    `UPDATE account_info SET ${set} WHERE account_no = ?`,
    [...amounts, accountNo],
  );
  if (affectedRows !== 1) throw new Error(`account "${accountNo}" is gone`);
}
