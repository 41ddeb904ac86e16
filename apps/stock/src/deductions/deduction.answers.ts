import { Injectable } from '@nestjs/common';
import {
  ORDER_ROLLBACK_TOPIC,
  STOCK_DEDUCTED_TOPIC,
  type OrderMessage,
  type OrderRollbackMessage,
} from '@txmsg/contracts';
import { LocalMessageOutbox } from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import type { DecidedOrder } from './deduction.ledger.js';

/**
 * Tells order what was decided, if and only if the caller's transaction commits: that the pieces are deducted, or the
 * compensation, which cancels the order. An order that came after its cancellation is answered with the compensation too;
 * it is CANCELLED already, and nothing changes.
 */
@Injectable()
export class DeductionAnswers {
  constructor(
    private readonly outbox: LocalMessageOutbox,
    private readonly faults: FaultInjector,
  ) {}

  async publishAll(decided: readonly DecidedOrder[], manager: EntityManager): Promise<void> {
    const deducted = decided.filter(({ decision }) => decision.state === 'DEDUCTED');
    const others = decided.filter(({ decision }) => decision.state !== 'DEDUCTED');
    await this.outbox.publishAll(
      manager,
      STOCK_DEDUCTED_TOPIC,
      deducted.map(({ order }) => ({ txNo: order.txNo, payload: bodyOf(order) })),
    );
    await this.outbox.publishAll(
      manager,
      ORDER_ROLLBACK_TOPIC,
      others.map(({ order, decision }) => {
        const { txNo, orderNo, productId, payCount } = order;
        const payload: OrderRollbackMessage = {
          ...{ txNo, orderNo, productId, payCount },
          reason: decision.reason,
        };
        return { txNo, payload };
      }),
    );
    await this.faults.at('service:deduction.answered', { txNos: decided.map(({ order }) => order.txNo) });
  }
}

function bodyOf({ txNo, orderNo, productId, payCount }: DecidedOrder['order']): OrderMessage {
  return { txNo, orderNo, productId, payCount };
}
