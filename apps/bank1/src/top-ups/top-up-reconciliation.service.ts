import { Injectable } from '@nestjs/common';
import { Reconciliation, type ReconciliationOutcome } from '@txmsg/service';
import { FaultInjector } from 'txmsg/faults';
import { DueTopUps, type DueTopUp } from './due-top-ups.js';
import { endOf, PayClient } from './pay.client.js';
import { PayAnswers } from './pay-answers.js';
import type { TopUpFaultPoint } from './top-up.fault-points.js';

/**
 * Asks pay about the top-ups that were promised and whose end is not known: their message was lost, or is late. Safe to run at
 * any time, in any number of instances, and beside the message.
 */
@Injectable()
export class TopUpReconciliationService extends Reconciliation<DueTopUp> {
  constructor(
    private readonly due: DueTopUps,
    private readonly pay: PayClient,
    private readonly answers: PayAnswers,
    private readonly faults: FaultInjector,
  ) {
    super(due, 'bank');
  }

  protected async end(topUp: DueTopUp, signal: AbortSignal): Promise<ReconciliationOutcome> {
    const at = (point: TopUpFaultPoint): Promise<void> => this.faults.at(point, { txNo: topUp.txNo });
    await at('service:top-up.claimed');
    const payment = await this.pay.find(topUp.txNo, signal);
    await at('service:top-up.answered');
    const end = payment === 'NOT_FOUND' ? undefined : endOf(payment);
    if (end === undefined) {
      const isGivenUp = await this.due.countUndecided(topUp);
      await at('service:top-up.undecided');
      if (isGivenUp) this.logger.warn('Pay is not asked about a top-up any more.', { txNo: topUp.txNo });
      return 'postponed';
    }
    await this.answers.follow(end);
    await at('service:top-up.concluded');
    return 'settled';
  }
}
