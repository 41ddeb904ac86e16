import { Injectable } from '@nestjs/common';
import { ORDER_ROLLBACK_CONSUMER_GROUP, ORDER_ROLLBACK_TOPIC, OrderRollbackMessage } from '@txmsg/contracts';
import {
  MessageListener,
  type BatchMessageHandler,
  type DeadLetterReason,
  type Ignored,
  type MessageItem,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import { StockDecisions } from './stock-decisions.js';

/** The compensation: cancels the orders that stock has refused. */
@Injectable()
@MessageListener({
  topic: ORDER_ROLLBACK_TOPIC,
  consumerGroup: ORDER_ROLLBACK_CONSUMER_GROUP,
  payload: OrderRollbackMessage,
  // The caller was answered long ago: messages that come together cost less.
  gatherMs: 50,
})
export class OrderRollbackListener implements BatchMessageHandler<OrderRollbackMessage> {
  constructor(private readonly decisions: StockDecisions) {}

  /** An absent reason and a null one are the same contents. */
  normalizePayload({ reason = null, ...order }: OrderRollbackMessage): OrderRollbackMessage {
    return { ...order, reason };
  }

  onMessages(
    items: readonly MessageItem<OrderRollbackMessage>[],
    manager: EntityManager,
  ): Promise<(Ignored | undefined)[]> {
    return this.decisions.applyAll(
      items.map(({ payload: order }) => ({ order, status: 'CANCELLED', reason: order.reason ?? null })),
      manager,
    );
  }

  onDeadLetter(
    order: OrderRollbackMessage,
    _reason: DeadLetterReason,
    manager: EntityManager,
  ): Promise<'STORE' | 'DROP'> {
    return this.decisions.onDeadLetter(order, manager);
  }

  onDismiss(order: OrderRollbackMessage, manager: EntityManager): Promise<Ignored> {
    return this.decisions.onDismiss(order, manager);
  }
}
