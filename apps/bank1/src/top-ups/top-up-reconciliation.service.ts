import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import {
  BoundedRead,
  reconcileEach,
  type ReconciliationOutcome,
  type ReconciliationReport,
} from '@txmsg/service';
import { FaultInjector } from 'txmsg/faults';
import { DueTopUps, type DueTopUp } from './due-top-ups.js';
import { endOf, PayClient } from './pay.client.js';
import { PayAnswers } from './pay-answers.js';
import type { TopUpFaultPoint } from './top-up.fault-points.js';
import { TopUpLedger } from './top-up.ledger.js';

/**
 * Asks pay about the top-ups that were promised and nobody has told of: their message was lost, or is late. Safe to run at
 * any time, in any number of instances, and beside the message.
 */
@Injectable()
export class TopUpReconciliationService implements OnModuleDestroy {
  private readonly logger = new Logger(TopUpReconciliationService.name);
  private readonly stopping = new AbortController();

  constructor(
    private readonly due: DueTopUps,
    private readonly pay: PayClient,
    private readonly answers: PayAnswers,
    private readonly ledger: TopUpLedger,
    private readonly read: BoundedRead,
    private readonly faults: FaultInjector,
  ) {}

  /** Begins with no further one and waits for pay no longer. One that is being concluded is finished. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** Works once on every top-up that is due now. @throws when the database is away */
  async reconcile(): Promise<ReconciliationReport> {
    return this.askAbout(await this.due.claim());
  }

  /**
   * Asks about one top-up now, unless it is credited: then the report counts 0.
   * @returns undefined when this bank has not heard of it
   * @throws when the database is away
   */
  async reconcileTopUp(txNo: string): Promise<ReconciliationReport | undefined> {
    const topUp = await this.read.run((manager) => this.ledger.find(txNo, manager));
    if (topUp === undefined) return undefined;
    // Not claimed: a round may ask about it at the same time, and one of the two finds it credited.
    return this.askAbout(topUp.state === 'CREDITED' ? [] : [{ txNo, isLast: false }]);
  }

  private askAbout(topUps: readonly DueTopUp[]): Promise<ReconciliationReport> {
    const { logger, stopping } = this;
    return reconcileEach(topUps, { logger, signal: stopping.signal, end: (topUp) => this.end(topUp) });
  }

  private async end(topUp: DueTopUp): Promise<ReconciliationOutcome> {
    const at = (point: TopUpFaultPoint): Promise<void> => this.faults.at(point, { txNo: topUp.txNo });
    await at('service:top-up.claimed');
    const payment = await this.pay.find(topUp.txNo, this.stopping.signal);
    await at('service:top-up.answered');
    const end = payment === 'NOT_FOUND' ? undefined : endOf(payment);
    if (end === undefined) {
      await this.due.countUndecided(topUp);
      await at('service:top-up.undecided');
      if (topUp.isLast) this.logger.warn('Pay is not asked about a top-up any more.', { txNo: topUp.txNo });
      return 'postponed';
    }
    await this.answers.follow(end);
    await at('service:top-up.concluded');
    return 'settled';
  }
}
