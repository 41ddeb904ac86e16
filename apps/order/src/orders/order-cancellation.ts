import { Injectable, Logger } from '@nestjs/common';
import { ORDER_CANCEL_TOPIC, type OrderContents } from '@txmsg/contracts';
import { asDatabaseProblem } from '@txmsg/service';
import {
  CommitOutcomeUnknownError,
  DatabaseTransactions,
  Deadline,
  LocalMessageOutbox,
  type TransactionContext,
} from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import { OrderLedger } from './order.ledger.js';

const TIMEOUT_MS = 5000;

/** UNKNOWN: the answer to COMMIT was lost; the call may be repeated. */
export type CancellationOutcome = 'CANCELLED' | 'NOT_FOUND' | 'UNKNOWN';

/**
 * Cancels orders: the order's row and the message to stock in one transaction, so that neither is there without the other.
 * The message may overtake the order's own at stock, which then refuses the order when it comes.
 */
@Injectable()
export class OrderCancellation {
  private readonly logger = new Logger(OrderCancellation.name);

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly ledger: OrderLedger,
    private readonly outbox: LocalMessageOutbox,
    private readonly faults: FaultInjector,
  ) {}

  /** An order that is CANCELLED already stays as it is. @throws ProblemException when nothing was done */
  async cancel(orderNo: string): Promise<CancellationOutcome> {
    try {
      const order = await this.transactions.run<OrderContents | 'CANCELLED' | 'NOT_FOUND'>(
        async (context) => {
          const value = await this.ledger.cancel(orderNo, context.entityManager);
          if (typeof value === 'string') return { decision: 'ROLLBACK', value };
          await this.announce(value, context);
          return { decision: 'COMMIT', value };
        },
        { deadline: Deadline.in(TIMEOUT_MS) },
      );
      if (typeof order === 'string') return order;
      await this.faults.at('service:cancel.committed', { txNo: order.txNo });
      return 'CANCELLED';
    } catch (error) {
      if (!(error instanceof CommitOutcomeUnknownError)) throw asDatabaseProblem(error);
      this.logger.warn('Whether an order was cancelled is not known yet.', { orderNo });
      return 'UNKNOWN';
    }
  }

  /** Tells stock once more, about an order that is CANCELLED and whose pieces are not back. */
  async repeat({ txNo, orderNo, productId, payCount }: OrderContents): Promise<void> {
    await this.transactions.run(
      async ({ entityManager }) => {
        const message = { txNo, orderNo, productId, payCount };
        await this.outbox.publish(entityManager, ORDER_CANCEL_TOPIC, message, { txNo });
        return { decision: 'COMMIT', value: undefined };
      },
      { deadline: Deadline.in(TIMEOUT_MS) },
    );
  }

  private async announce(
    order: OrderContents,
    { entityManager, dropConnection }: TransactionContext,
  ): Promise<void> {
    const { txNo } = order;
    await this.faults.at('service:cancel.changed', { txNo, dropConnection });
    await this.outbox.publish(entityManager, ORDER_CANCEL_TOPIC, order, { txNo });
    await this.faults.at('service:cancel.stored', { txNo, dropConnection });
  }
}
