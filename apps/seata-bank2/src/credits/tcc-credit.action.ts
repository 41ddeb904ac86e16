import { Injectable } from '@nestjs/common';
import { GlobalLocks, TwoPhaseBusinessAction, type TccAction, type TccCall } from '@txmsg/seata';
import type { CreditOrder } from './credit.js';
import { creditRows } from './credit.rows.js';
import { changePayee, lockPayee } from './payee.js';

type Input = Pick<CreditOrder, 'txNo' | 'accountNo' | 'amount'>;

/**
 * Reserves the room for the amount; confirm credits it whatever has become of the account meanwhile, cancel gives the room
 * back. A freeze between try and confirm keeps later credits out, and not this one, which was promised.
 */
@Injectable()
export class TccCreditAction implements TccAction<Input, void> {
  constructor(private readonly locks: GlobalLocks) {}

  /** @throws CreditRefusedError */
  @TwoPhaseBusinessAction({ name: 'seata-bank2.credit' })
  async try({ entityManager, input, xid }: TccCall<Input>): Promise<void> {
    await creditRows.insert(entityManager, input, 'TCC', xid);
    await lockPayee(entityManager, input);
    await changePayee(
      entityManager,
      'reserved = reserved + CAST(? AS DECIMAL(19,2))',
      [input.amount],
      input.accountNo,
    );
  }

  async confirm({ entityManager, input, xid }: TccCall<Input>): Promise<void> {
    await creditRows.confirm(entityManager, input, xid);
    const [payee] = await entityManager.query<{ id: string }[]>(
      'SELECT id FROM account_info WHERE account_no = ? FOR UPDATE',
      [input.accountNo],
    );
    if (payee !== undefined) await this.locks.assertFree(xid, 'account_info', payee.id);
    await changePayee(
      entityManager,
      'account_balance = account_balance + CAST(? AS DECIMAL(19,2)), reserved = reserved - CAST(? AS DECIMAL(19,2))',
      [input.amount, input.amount],
      input.accountNo,
    );
  }

  async cancel({ entityManager, input, xid }: TccCall<Input>): Promise<void> {
    await creditRows.delete(entityManager, input, xid);
    await changePayee(
      entityManager,
      'reserved = reserved - CAST(? AS DECIMAL(19,2))',
      [input.amount],
      input.accountNo,
    );
  }
}
