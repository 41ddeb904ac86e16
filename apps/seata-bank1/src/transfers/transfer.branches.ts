import { Injectable } from '@nestjs/common';
import { TccActions } from '@txmsg/seata';
import { AtDebit } from './at-debit.js';
import { Bank2Client } from './bank2.client.js';
import { TccDebitAction } from './tcc-debit.action.js';
import type { TransferOrder } from './transfer.js';

/** The two branches of a transfer, by its pattern. */
@Injectable()
export class TransferBranches {
  constructor(
    private readonly tcc: TccActions,
    private readonly tccDebit: TccDebitAction,
    private readonly atDebit: AtDebit,
    private readonly bank2: Bank2Client,
  ) {}

  /** @throws TransferRefusedError, and what keeps the branch from being made */
  async debit(order: TransferOrder, xid: string): Promise<void> {
    const { txNo, accountNo, amount } = order;
    if (order.pattern === 'AT') await this.atDebit.run(order, xid);
    else await this.tcc.try(this.tccDebit, { txNo, accountNo, amount });
  }

  /** @throws TransferRefusedError, PeerUnansweredError */
  credit(order: TransferOrder): Promise<void> {
    return this.bank2.credit(order);
  }
}
