import { Injectable, Logger } from '@nestjs/common';
import { isSameTopUp, toCents, type TopUpContents, type TopUpResultMessage } from '@txmsg/contracts';
import { nothingDone, txNoConflict, type StoreOutcome } from '@txmsg/service';
import { FaultInjector } from 'txmsg/faults';
import { PaySettings } from '../pay-settings.js';
import type { PaymentDocument, UnknownPayment } from './payment.document.js';
import type { PaymentFaultPoint } from './payment.fault-points.js';
import { PaymentStore } from './payment.store.js';

/** What a caller asks for; the amount is in its normal form. */
export interface PaymentOrder extends TopUpContents {
  readonly txNo: string;
}

/** The result of a payment, unless it is a problem. */
export type PaymentAnswer =
  | { readonly kind: 'FIRST' | 'REPEATED'; readonly body: PaymentDocument }
  | { readonly kind: 'UNKNOWN'; readonly body: UnknownPayment };

const COMMITTED: PaymentFaultPoint = 'service:payment.committed';

/** Takes payments. Any call may be repeated with its txNo: there is one payment, and one message about its end. */
@Injectable()
export class PaymentService {
  private readonly logger = new Logger(PaymentService.name);

  constructor(
    private readonly store: PaymentStore,
    private readonly faults: FaultInjector,
    private readonly settings: PaySettings,
  ) {}

  /** @throws ProblemException for everything that is not an answer */
  async pay({ txNo, accountNo, amount }: PaymentOrder): Promise<PaymentAnswer> {
    // A business rule decides the result; it is recorded and told like any other, and never thrown.
    const isTooLarge = toCents(amount) > toCents(this.settings.payAmountMax);
    const result = isTooLarge ? 'fail' : 'success';
    const payment: TopUpResultMessage = { id: txNo, accountNo, payAmount: amount, result };
    const outcome = await this.tryToStore(payment);
    if (outcome !== 'STORED') return this.answerFromRow(payment, outcome);
    await this.faults.at(COMMITTED, { txNo });
    return { kind: 'FIRST', body: payment };
  }

  private async tryToStore(payment: TopUpResultMessage): Promise<StoreOutcome> {
    try {
      return await this.store.store(payment);
    } catch (error) {
      throw nothingDone({ txNo: payment.id, what: 'payment' }, error);
    }
  }

  /**
   * When the answer to COMMIT was lost, and when another call used the txNo: the row says which. While it cannot be read, the
   * answer is UNKNOWN and not 503, which would say that nothing was done.
   */
  private async answerFromRow(
    payment: TopUpResultMessage,
    outcome: Exclude<StoreOutcome, 'STORED'>,
  ): Promise<PaymentAnswer> {
    const { id: txNo, accountNo, payAmount: amount } = payment;
    let row: TopUpResultMessage | undefined;
    try {
      row = await this.store.find(txNo);
    } catch (error) {
      this.logger.warn(`The outcome of a payment is not known yet: ${String(error)}`, { txNo });
      return { kind: 'UNKNOWN', body: { txNo, state: 'UNKNOWN' } };
    }
    if (row === undefined) throw nothingDone({ txNo, what: 'payment' });
    if (!isSameTopUp({ accountNo: row.accountNo, amount: row.payAmount }, { accountNo, amount })) {
      throw txNoConflict({ txNo, what: 'payment' });
    }
    // Before its COMMIT, this call had inserted the row; with any other outcome it wrote nothing.
    return { kind: outcome === 'UNKNOWN' ? 'FIRST' : 'REPEATED', body: row };
  }
}
