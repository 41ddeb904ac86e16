import { Injectable } from '@nestjs/common';
import { AtTransactions } from '@txmsg/seata';
import { lockPayer } from './payer.js';
import type { TransferOrder } from './transfer.js';
import { transferRows } from './transfer.rows.js';

/** Phase one of a debit under AT: the balance is changed at once, and changed back when the global transaction is rolled back. */
@Injectable()
export class AtDebit {
  constructor(private readonly at: AtTransactions) {}

  /** @throws TransferRefusedError, TransferOverError, and what AtTransactions.run throws */
  async run(order: TransferOrder, xid: string): Promise<void> {
    const { txNo, accountNo, amount } = order;
    await this.at.run(
      async (manager) => {
        await transferRows.end(manager, { txNo, xid }, 'COMMITTED');
        await lockPayer(manager, order);
        await manager.query(
          'UPDATE account_info SET account_balance = account_balance - CAST(? AS DECIMAL(19,2)) WHERE account_no = ?',
          [amount, accountNo],
        );
      },
      {
        committedRow: async (manager) => {
          const row = await transferRows.find(manager, txNo);
          return row?.xid === xid && row.state === 'COMMITTED';
        },
      },
    );
  }
}
