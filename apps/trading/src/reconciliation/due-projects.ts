import { Injectable } from '@nestjs/common';
import type { ReviewMessage } from '@txmsg/contracts';
import { backOff, DatabaseTransactions, DueRows } from 'txmsg';
import { reviewOf } from '../review/review.service.js';
import { RECONCILE_PAUSE_MAX_MS, TradingSettings } from '../trading-settings.js';

interface Row {
  readonly project_id: string;
  readonly amount: string;
  readonly bid_count: number;
  readonly terms: number;
  readonly annual_rate: string;
  readonly republished: number | string;
}

/** Approved projects of which it is not known that repayment has heard. Each is claimed by one instance at a time. */
@Injectable()
export class DueProjects {
  private readonly rows: DueRows<Row>;

  constructor(transactions: DatabaseTransactions, { reconcileAfterMs }: TradingSettings) {
    const pauseAfter = backOff(reconcileAfterMs, RECONCILE_PAUSE_MAX_MS);
    this.rows = new DueRows<Row>(transactions, {
      name: 'project',
      columns: ['project_id', 'amount', 'bid_count', 'terms', 'annual_rate', 'republished'],
      key: 'project_id',
      underWay: 'next_check_at IS NOT NULL',
      due: 'next_check_at',
      index: 'next_check_at',
      // It doubles each time the event is sent again. Never the last: repayment can always be asked.
      pause: ({ republished }) => pauseAfter(Number(republished)),
    });
  }

  /** Claims up to 50 of them, as the events of their approvals; each is due again after a pause. */
  async claim(): Promise<ReviewMessage[]> {
    return (await this.rows.claim()).map(({ row }) => toReview(row));
  }

  /** Claims this one, whether it is due or not. `ENDED` when there is nothing to learn about it. */
  async claimOne(projectId: string): Promise<ReviewMessage | 'ENDED' | 'NOT_FOUND'> {
    const claimed = await this.rows.claimOne(projectId);
    return typeof claimed === 'string' ? claimed : toReview(claimed.row);
  }
}

function toReview({ project_id, amount, bid_count, terms, annual_rate }: Row): ReviewMessage {
  return reviewOf({
    projectId: project_id,
    amount,
    bidCount: bid_count,
    terms,
    annualRate: annual_rate,
  });
}
