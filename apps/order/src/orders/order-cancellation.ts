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
import { orderDocument, type OrderDocument } from './order.document.js';
import { OrderEntity } from './order.entity.js';
import { OrderLedger } from './order.ledger.js';

const TIMEOUT_MS = 5000;

/**
 * What became of a call. `REPEATED`: the order was CANCELLED before. `UNKNOWN`: the answer to COMMIT was lost; the call may be
 * repeated.
 */
export type CancellationOutcome =
  | { readonly kind: 'FIRST' | 'REPEATED'; readonly order: OrderDocument }
  | { readonly kind: 'NOT_FOUND' | 'UNKNOWN' };

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
      const outcome = await this.transactions.run<CancellationOutcome>(
        async (context) => {
          const { entityManager } = context;
          const cancelled = await this.ledger.cancel(orderNo, entityManager);
          if (cancelled === 'NOT_FOUND') return { decision: 'ROLLBACK', value: { kind: 'NOT_FOUND' } };
          // Read here: a read after the COMMIT that fails would be answered as if nothing had been done.
          const order = orderDocument(await entityManager.findOneByOrFail(OrderEntity, { orderNo }));
          if (cancelled === 'CANCELLED') return { decision: 'ROLLBACK', value: { kind: 'REPEATED', order } };
          await this.announce(cancelled, context);
          return { decision: 'COMMIT', value: { kind: 'FIRST', order } };
        },
        { deadline: Deadline.in(TIMEOUT_MS) },
      );
      if (outcome.kind === 'FIRST') {
        await this.faults.at('service:cancel.committed', { txNo: outcome.order.txNo });
      }
      return outcome;
    } catch (error) {
      if (!(error instanceof CommitOutcomeUnknownError)) throw asDatabaseProblem(error);
      this.logger.warn('Whether an order was cancelled is not known yet.', { orderNo });
      return { kind: 'UNKNOWN' };
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
