import { Injectable, Logger } from '@nestjs/common';
import {
  isSameOrder,
  ORDER_TOPIC,
  OrderMessage,
  RefusalReason,
  STOCK_CONSUMER_GROUP,
  type OrderContents,
} from '@txmsg/contracts';
import {
  MessageListener,
  TxNoConflictError,
  type BatchMessageHandler,
  type DeadLetterReason,
  type MessageItem,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import { DeductionAnswers } from './deduction.answers.js';
import { DeductionLedger, type DecidedOrder } from './deduction.ledger.js';

/** Deducts the pieces of each order once, or refuses it for good, and tells order which. */
@Injectable()
@MessageListener({ topic: ORDER_TOPIC, consumerGroup: STOCK_CONSUMER_GROUP, payload: OrderMessage })
export class OrderListener implements BatchMessageHandler<OrderMessage> {
  private readonly logger = new Logger(OrderListener.name);

  constructor(
    private readonly ledger: DeductionLedger,
    private readonly answers: DeductionAnswers,
  ) {}

  /**
   * A txNo that has a row makes all of a batch fail; then each message is handled alone.
   * @throws TxNoConflictError when the txNo of a message alone belongs to an order with other contents
   */
  async onMessages(items: readonly MessageItem<OrderMessage>[], manager: EntityManager): Promise<void> {
    const orders = items.map(({ payload }) => payload);
    const [alone] = orders;
    if (alone !== undefined && orders.length === 1) return this.handleOne(alone, manager);
    await this.announce(await this.ledger.decideAll(orders, manager), manager);
  }

  private async handleOne(order: OrderContents, manager: EntityManager): Promise<void> {
    const decided = await this.ledger.decide(order, manager);
    if (decided !== undefined) await this.announce([decided], manager);
    else if (!(await this.repeatAnswer(order, manager))) {
      throw new TxNoConflictError(order.txNo, STOCK_CONSUMER_GROUP);
    }
  }

  private async announce(decided: readonly DecidedOrder[], manager: EntityManager): Promise<void> {
    await this.answers.publishAll(decided, manager);
    for (const { order, decision } of decided) {
      if (decision.state === 'DEDUCTED') continue;
      this.logger.log('An order is refused for good.', { txNo: order.txNo, reason: decision.reason });
    }
  }

  /**
   * An order whose txNo the row of another one holds can never be deducted: it is refused, so that order cancels it. One
   * whose own row is there was decided before its barrier row was deleted: that is no dead letter, and the stored answer is
   * sent again.
   */
  async onDeadLetter(
    order: OrderMessage,
    reason: DeadLetterReason,
    manager: EntityManager,
  ): Promise<'STORE' | 'DROP'> {
    if (await this.repeatAnswer(order, manager)) return 'DROP';
    const isExcluded =
      reason === 'TX_NO_CONFLICT' && (await this.ledger.find(order.txNo, manager)) !== undefined;
    if (isExcluded) await this.answers.publishAll([excluded(order)], manager);
    return 'STORE';
  }

  /**
   * As a refusal: the row, so that the order can never be deducted, and the compensation. When the txNo has a row already,
   * nothing changes: its answer is sent again if it has these contents, and a refusal because of other contents if not.
   */
  async onDismiss(order: OrderMessage, manager: EntityManager): Promise<void> {
    const refused = await this.ledger.refuse(order, RefusalReason.DISMISSED, manager);
    if (refused !== undefined) await this.answers.publishAll([refused], manager);
    else if (!(await this.repeatAnswer(order, manager))) {
      await this.answers.publishAll([excluded(order)], manager);
    }
  }

  /** Sends the stored answer again, which changes nothing here. False when there is none for these contents. */
  private async repeatAnswer(order: OrderContents, manager: EntityManager): Promise<boolean> {
    const recorded = await this.ledger.find(order.txNo, manager);
    if (recorded === undefined || !isSameOrder(recorded.order, order)) return false;
    await this.answers.publishAll([recorded], manager);
    return true;
  }
}

function excluded(order: OrderContents): DecidedOrder {
  return { order, decision: { state: 'REFUSED', reason: RefusalReason.TX_NO_CONFLICT } };
}
