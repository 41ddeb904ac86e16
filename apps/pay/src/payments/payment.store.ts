import { Injectable } from '@nestjs/common';
import { NOTIFY_TOPIC, type TopUpResultMessage } from '@txmsg/contracts';
import { BoundedRead, storeOnce, type StoreOutcome } from '@txmsg/service';
import { DatabaseTransactions, LocalMessageOutbox, type TransactionContext } from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import { PaySettings } from '../pay-settings.js';
import type { PaymentFaultPoint } from './payment.fault-points.js';

/**
 * Writes a payment and the message about its end in one transaction: both are there, or neither is. The classic service
 * sends after the insert, and a crash in between leaves a payment that nobody hears of.
 */
@Injectable()
export class PaymentStore {
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly outbox: LocalMessageOutbox,
    private readonly read: BoundedRead,
    private readonly faults: FaultInjector,
    private readonly settings: PaySettings,
  ) {}

  /** @throws whatever kept the transaction from being committed; nothing was stored then, and nothing will be */
  store(payment: TopUpResultMessage): Promise<StoreOutcome> {
    const { id: txNo, accountNo, payAmount, result } = payment;
    return storeOnce(this.transactions, {
      txNo,
      timeoutMs: this.settings.payTimeoutMs,
      insert: async (context) => {
        await this.at('begun', txNo, context);
        await context.entityManager.query(
          `INSERT INTO account_pay (id, account_no, pay_amount, result)
           VALUES (?, ?, CAST(? AS DECIMAL(19,2)), ?)`,
          [txNo, accountNo, payAmount, result],
        );
      },
      andThen: async (context) => {
        await this.at('inserted', txNo, context);
        await this.outbox.publish(context.entityManager, NOTIFY_TOPIC, payment, { txNo });
      },
      beforeCommit: (context) => this.at('before-commit', txNo, context),
    });
  }

  /**
   * The payment of a txNo, once no transaction holds its row any more: a plain read would not see one that is being
   * committed right now, and "no such payment" would be a guess that a receiver acts on. Undefined: there is none.
   * @throws when the database does not answer, or the row stays locked
   */
  find(txNo: string): Promise<TopUpResultMessage | undefined> {
    return this.read.run(async (manager) => {
      const [row] = await manager.query<TopUpResultMessage[]>(
        `SELECT id, account_no AS accountNo, pay_amount AS payAmount, result
         FROM account_pay WHERE id = ? FOR SHARE`,
        [txNo],
      );
      return row;
    });
  }

  private at(
    step: 'begun' | 'inserted' | 'before-commit',
    txNo: string,
    { dropConnection }: TransactionContext,
  ): Promise<void> {
    const point: PaymentFaultPoint = `service:payment.${step}`;
    return this.faults.at(point, { txNo, dropConnection });
  }
}
