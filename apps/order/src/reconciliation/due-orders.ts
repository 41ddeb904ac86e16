import { Injectable } from '@nestjs/common';
import type { OrderContents } from '@txmsg/contracts';
import { DatabaseTransactions, DueRows } from 'txmsg';
import { OrderSettings, RECONCILE_PAUSE_MAX_MS } from '../order-settings.js';
import type { OrderStatus } from '../orders/order.entity.js';

/** An order to look up at stock. */
export interface DueOrder extends OrderContents {
  /** With which it was claimed; what is done about it is guarded by it. */
  readonly status: OrderStatus;
}

interface Row {
  readonly tx_no: string;
  readonly order_no: string;
  readonly product_id: string;
  readonly pay_count: number;
  readonly status: OrderStatus;
  readonly next_check_at: Date;
  readonly update_time: Date;
}

/**
 * The orders about which stock has something to say: PENDING ones, cancelled ones whose pieces are not known to be back,
 * and those about which two messages contradict each other. Each is claimed by one instance at a time.
 */
@Injectable()
export class DueOrders {
  private readonly rows: DueRows<Row>;

  constructor(transactions: DatabaseTransactions, { reconcileAfterMs }: OrderSettings) {
    this.rows = new DueRows<Row>(transactions, {
      name: '`order`',
      columns: ['tx_no', 'order_no', 'product_id', 'pay_count', 'status', 'next_check_at', 'update_time'],
      key: 'tx_no',
      underWay: 'next_check_at IS NOT NULL',
      due: 'next_check_at',
      index: 'next_check_at',
      // It doubles each time. The last one need not be kept in a column: a claim writes both of these at once.
      pause: ({ next_check_at, update_time }) => {
        const lastMs = next_check_at.getTime() - update_time.getTime();
        return { ms: Math.min(RECONCILE_PAUSE_MAX_MS, Math.max(reconcileAfterMs, 2 * lastMs)) };
      },
    });
  }

  /** Claims up to 50 of them; each is due again after a pause. */
  async claim(): Promise<DueOrder[]> {
    return (await this.rows.claim()).map(({ row }) => toDueOrder(row));
  }

  /** Claims this one, whether it is due or not. `ENDED` when there is nothing to learn about it any more. */
  async claimOne(txNo: string): Promise<DueOrder | 'ENDED' | 'NOT_FOUND'> {
    const claimed = await this.rows.claimOne(txNo);
    return typeof claimed === 'string' ? claimed : toDueOrder(claimed.row);
  }
}

function toDueOrder({ tx_no, order_no, product_id, pay_count, status }: Row): DueOrder {
  return { txNo: tx_no, orderNo: order_no, productId: product_id, payCount: pay_count, status };
}
