import { Injectable } from '@nestjs/common';
import { ORDER_DEDUCTED_CONSUMER_GROUP, OrderMessage, STOCK_DEDUCTED_TOPIC } from '@txmsg/contracts';
import {
  MessageListener,
  type BatchMessageHandler,
  type DeadLetterReason,
  type Ignored,
  type MessageItem,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import { StockDecisions } from './stock-decisions.js';

/** Confirms the orders whose pieces stock has deducted. */
@Injectable()
@MessageListener({
  topic: STOCK_DEDUCTED_TOPIC,
  consumerGroup: ORDER_DEDUCTED_CONSUMER_GROUP,
  payload: OrderMessage,
  // The caller was answered long ago: messages that come together cost less.
  gatherMs: 50,
})
export class StockDeductedListener implements BatchMessageHandler<OrderMessage> {
  constructor(private readonly decisions: StockDecisions) {}

  onMessages(
    items: readonly MessageItem<OrderMessage>[],
    manager: EntityManager,
  ): Promise<(Ignored | undefined)[]> {
    return this.decisions.applyAll(
      items.map(({ payload: order }) => ({ order, status: 'CONFIRMED', reason: null })),
      manager,
    );
  }

  onDeadLetter(
    order: OrderMessage,
    _reason: DeadLetterReason,
    manager: EntityManager,
  ): Promise<'STORE' | 'DROP'> {
    return this.decisions.onDeadLetter(order, manager);
  }

  onDismiss(order: OrderMessage, manager: EntityManager): Promise<Ignored> {
    return this.decisions.onDismiss(order, manager);
  }
}
