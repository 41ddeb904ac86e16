import { Injectable } from '@nestjs/common';
import type { TwoPhasePattern } from '@txmsg/contracts';
import { AtTransactions, currentGlobalTransaction, NoGlobalTransactionError, TccActions } from '@txmsg/seata';
import { FaultInjector } from 'txmsg/faults';
import { SeataBank2Settings } from '../seata-bank2-settings.js';
import type { CreditOrder } from './credit.js';
import { creditRows } from './credit.rows.js';
import { changePayee, lockPayee } from './payee.js';
import { TccCreditAction } from './tcc-credit.action.js';

/** The amount that fails as the original does, after phase one. */
const CLASSIC_FAULT_AMOUNT = '3.00';

/** Makes this bank's branch of a transfer. */
@Injectable()
export class CreditService {
  constructor(
    private readonly at: AtTransactions,
    private readonly tcc: TccActions,
    private readonly action: TccCreditAction,
    private readonly faults: FaultInjector,
    private readonly settings: SeataBank2Settings,
  ) {}

  /**
   * @returns the global transaction of which the credit is now a branch
   * @throws NoGlobalTransactionError; CreditRefusedError; whatever keeps the branch from being made
   */
  async credit(pattern: TwoPhasePattern, order: CreditOrder): Promise<{ readonly xid: string }> {
    const global = currentGlobalTransaction();
    if (global === undefined) throw new NoGlobalTransactionError('a credit');
    const { txNo, accountNo, amount } = order;
    await this.faults.at('service:credit.received', { txNo });
    if (pattern === 'AT') await this.creditUnderAt(order, global.xid);
    else await this.tcc.try(this.action, { txNo, accountNo, amount });
    await this.faults.at('service:credit.reserved', { txNo });
    if (this.settings.classicFaults && amount === CLASSIC_FAULT_AMOUNT) {
      throw new Error(`CLASSIC_FAULTS: a credit of ${amount} fails after phase one`);
    }
    return { xid: global.xid };
  }

  private async creditUnderAt(order: CreditOrder, xid: string): Promise<void> {
    await this.at.run(async (manager) => {
      await creditRows.insert(manager, order, 'AT', xid);
      await lockPayee(manager, order);
      await changePayee(
        manager,
        'account_balance = account_balance + CAST(? AS DECIMAL(19,2))',
        [order.amount],
        order.accountNo,
      );
    });
  }
}
