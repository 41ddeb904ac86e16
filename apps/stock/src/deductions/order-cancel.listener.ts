import { Injectable, Logger } from '@nestjs/common';
import { ORDER_CANCEL_TOPIC, OrderMessage, STOCK_CANCEL_CONSUMER_GROUP } from '@txmsg/contracts';
import { ignore, MessageListener, type BatchMessageHandler, type Ignored, type MessageItem } from 'txmsg';
import type { EntityManager } from 'typeorm';
import { DeductionLedger } from './deduction.ledger.js';

/** Gives the pieces of cancelled orders back, whether their deduction came before or comes later. */
@Injectable()
@MessageListener({
  topic: ORDER_CANCEL_TOPIC,
  consumerGroup: STOCK_CANCEL_CONSUMER_GROUP,
  payload: OrderMessage,
})
export class OrderCancelListener implements BatchMessageHandler<OrderMessage> {
  private readonly logger = new Logger(OrderCancelListener.name);

  constructor(private readonly ledger: DeductionLedger) {}

  /**
   * In one batch, because several handlers in turn would lock a product before the next order's row. A duplicate entry is
   * thrown when a deduction commits at this very moment: the next try finds its row. A cancellation of another order is
   * ignored: its barrier row would make the genuine one a conflict.
   */
  async onMessages(
    items: readonly MessageItem<OrderMessage>[],
    manager: EntityManager,
  ): Promise<(Ignored | undefined)[]> {
    const orders = items.map(({ payload }) => payload);
    const effects = await this.ledger.giveBackAll(orders, manager);
    return effects.map((effect, index) => {
      this.logger.debug(`A cancellation arrived: ${effect}.`, { txNo: orders[index]?.txNo });
      return effect === 'OTHER_CONTENTS' ? ignore(effect) : undefined;
    });
  }

  /** Order sends its cancellations until it learns that the pieces are back, so nothing is decided here. */
  onDismiss(): Promise<Ignored> {
    return Promise.resolve(ignore('order sends it again'));
  }
}
