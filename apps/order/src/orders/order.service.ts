import { Injectable, Logger } from '@nestjs/common';
import { ORDER_TOPIC, type OrderMessage } from '@txmsg/contracts';
import { sendProblem, txNoConflict } from '@txmsg/service';
import { TransactionTemplate, type TransactionSendResult } from 'txmsg';
import { orderNoOf } from './order-number.js';
import type { OrderReceipt, UnknownOrder } from './order.document.js';
import type { OrderRefusal } from './order-transaction.listener.js';

/** The result of an order call, unless it is a problem. */
export type OrderAnswer =
  | { readonly kind: 'FIRST' | 'REPEATED'; readonly body: OrderReceipt }
  | { readonly kind: 'UNKNOWN'; readonly body: UnknownOrder };

/** What a caller asks for. */
export interface WantedOrder {
  readonly txNo: string;
  readonly productId: string;
  readonly payCount: number;
}

/** Takes orders. Any call may be repeated with its txNo: there is one order. */
@Injectable()
export class OrderService {
  private readonly logger = new Logger(OrderService.name);

  constructor(private readonly template: TransactionTemplate) {}

  /** @throws ProblemException for everything that is not an answer */
  async submit({ txNo, productId, payCount }: WantedOrder): Promise<OrderAnswer> {
    const message: OrderMessage = { txNo, orderNo: orderNoOf(txNo), productId, payCount };
    const sent = await this.send(message);
    const { orderNo } = message;
    // PENDING also when stock has decided since: a repeated call gets the first call's result.
    const receipt: OrderReceipt = { orderNo, txNo, status: 'PENDING' };
    switch (sent.state) {
      case 'UNKNOWN':
        this.logger.warn('Whether an order was made is not known yet.', { txNo });
        return { kind: 'UNKNOWN', body: { orderNo, txNo, status: 'UNKNOWN' } };
      case 'COMMITTED':
        return { kind: sent.duplicate ? 'REPEATED' : 'FIRST', body: receipt };
      case 'ROLLED_BACK':
        if (sent.refusal === 'ALREADY_DONE') return { kind: 'REPEATED', body: receipt };
        throw txNoConflict({ txNo, what: 'order' });
    }
  }

  private async send(message: OrderMessage): Promise<TransactionSendResult<undefined, OrderRefusal>> {
    const { txNo } = message;
    try {
      return await this.template.sendMessageInTransaction(ORDER_TOPIC, message, { txNo });
    } catch (error) {
      throw sendProblem(error, { txNo, what: 'order' });
    }
  }
}
