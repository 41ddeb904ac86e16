import { Injectable } from '@nestjs/common';
import { isSameOrder, ORDER_PRODUCER_GROUP, ORDER_TOPIC, type OrderMessage } from '@txmsg/contracts';
import {
  commit,
  rollback,
  TransactionListener,
  type BatchLocalTransactionListener,
  type LocalTransactionItem,
  type LocalTransactionOutcome,
} from 'txmsg';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import { OrderSettings } from '../order-settings.js';
import { OrderEntity } from './order.entity.js';

/** What the row of an earlier call says, when its barrier row was deleted after its retention. */
export type OrderRefusal = 'ALREADY_DONE' | 'TX_NO_CONFLICT';

type Outcome = LocalTransactionOutcome<undefined, OrderRefusal>;
type Item = LocalTransactionItem<OrderMessage, undefined>;

/** The local transactions of orders: their rows, PENDING until stock has decided. */
@Injectable()
@TransactionListener({ topic: ORDER_TOPIC, producerGroup: ORDER_PRODUCER_GROUP })
export class OrderTransactionListener implements BatchLocalTransactionListener<
  OrderMessage,
  undefined,
  undefined,
  OrderRefusal
> {
  constructor(
    private readonly settings: OrderSettings,
    private readonly faults: FaultInjector,
  ) {}

  /** A txNo that has a row makes all of a batch fail; then each is executed alone. */
  async executeLocalTransactions(items: readonly Item[], manager: EntityManager): Promise<Outcome[]> {
    try {
      await this.insertAll(items, manager);
    } catch (error) {
      const [alone] = items;
      if (alone === undefined || items.length > 1 || !isDuplicateEntry(error)) throw error;
      return [await refuseSecondUse(alone, manager)];
    }
    await this.faults.at('service:order.inserted', { txNos: items.map(({ txNo }) => txNo) });
    return items.map(() => commit(undefined));
  }

  private async insertAll(items: readonly Item[], manager: EntityManager): Promise<void> {
    const row = `(?, ?, ?, ?, 'PENDING', UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND)`;
    await manager.query(
      `INSERT INTO \`order\` (order_no, tx_no, product_id, pay_count, status, next_check_at)
       VALUES ${items.map(() => row).join(', ')}`,
      items.flatMap(({ payload: { orderNo, txNo, productId, payCount } }) => [
        ...[orderNo, txNo, productId, payCount],
        this.settings.reconcileAfterMs * 1000,
      ]),
    );
  }
}

async function refuseSecondUse({ txNo, payload }: Item, manager: EntityManager): Promise<Outcome> {
  const first = await manager.findOneByOrFail(OrderEntity, { txNo });
  return rollback(isSameOrder(first, payload) ? 'ALREADY_DONE' : 'TX_NO_CONFLICT');
}
