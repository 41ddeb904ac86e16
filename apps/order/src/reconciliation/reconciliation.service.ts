import { Injectable } from '@nestjs/common';
import { ORDER_TOPIC, type OrderMessage } from '@txmsg/contracts';
import { outcomeOfResend, Reconciliation, type ReconciliationOutcome } from '@txmsg/service';
import { DatabaseTransactions, Deadline, TransactionTemplate } from 'txmsg';
import { FaultInjector, type FaultContext } from 'txmsg/faults';
import { OrderCancellation } from '../orders/order-cancellation.js';
import { contentsOf, OrderLedger, type StockDecision } from '../orders/order.ledger.js';
import { DueOrders, type DueOrder } from './due-orders.js';
import type { OrderReconciliationFaultPoint } from './reconciliation.fault-points.js';
import { StockClient, type StockAnswer } from './stock.client.js';

const END_TIMEOUT_MS = 5000;

/**
 * Ends the orders whose message, answer or cancellation was lost: the broker drops a half message after its last
 * check-back, and a broker that loses its disk loses everything. Safe to run at any time, in any number of instances.
 */
@Injectable()
export class ReconciliationService extends Reconciliation<DueOrder> {
  constructor(
    due: DueOrders,
    private readonly stock: StockClient,
    private readonly ledger: OrderLedger,
    private readonly cancellation: OrderCancellation,
    private readonly template: TransactionTemplate,
    private readonly transactions: DatabaseTransactions,
    private readonly faults: FaultInjector,
  ) {
    super(due, 'service');
  }

  protected async end(order: DueOrder, signal: AbortSignal): Promise<ReconciliationOutcome> {
    const { txNo } = order;
    await this.at('claimed', { txNo });
    const answer = await this.stock.find(order, signal);
    await this.at('answered', { txNo });
    const done = await this.follow(order, answer);
    if (done !== 'postponed') await this.at(done, { txNo });
    return done;
  }

  /**
   * What stock does not know is sent again. So is a cancellation that stock has not heard of: whether the pieces are still
   * deducted, or the order has not even come and could be deducted when it does.
   */
  private async follow(order: DueOrder, answer: StockAnswer | 'NOT_FOUND'): Promise<ReconciliationOutcome> {
    const isUnheard = answer === 'NOT_FOUND' || answer.state === 'DEDUCTED';
    if (order.status === 'CANCELLED' && isUnheard) {
      await this.cancellation.repeat(order);
      return 'republished';
    }
    if (answer === 'NOT_FOUND') return this.sendAgain(order);
    const status = answer.state === 'DEDUCTED' ? 'CONFIRMED' : 'CANCELLED';
    return this.endOrder({ order, status, reason: answer.reason }, order.status);
  }

  private async endOrder(decision: StockDecision, from: DueOrder['status']): Promise<'settled'> {
    const { txNo } = decision.order;
    await this.transactions.run(
      async ({ entityManager }) => {
        await this.ledger.endAsStockSays(decision, from, entityManager);
        return { decision: 'COMMIT', value: undefined };
      },
      {
        deadline: Deadline.in(END_TIMEOUT_MS),
        beforeCommit: ({ dropConnection }) => this.at('before-settle-commit', { txNo, dropConnection }),
      },
    );
    return 'settled';
  }

  /** Sends the order's message again unless it was ended or cancelled meanwhile, which the guard finds out. */
  private async sendAgain(order: DueOrder): Promise<ReconciliationOutcome> {
    const message: OrderMessage = contentsOf(order);
    const { txNo, status } = order;
    const sent = await this.template.resendMessageInTransaction(ORDER_TOPIC, message, {
      txNo,
      guard: async (manager) => {
        const rows = await manager.query<unknown[]>(
          'SELECT 1 FROM `order` WHERE tx_no = ? AND status = ? FOR UPDATE',
          [txNo, status],
        );
        return rows.length === 1;
      },
    });
    return outcomeOfResend(sent);
  }

  private at(
    step: OrderReconciliationFaultPoint extends `service:order-reconciliation.${infer Step}` ? Step : never,
    context: FaultContext,
  ): Promise<void> {
    return this.faults.at(`service:order-reconciliation.${step}`, context);
  }
}
