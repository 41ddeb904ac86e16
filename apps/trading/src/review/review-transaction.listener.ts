import { Injectable } from '@nestjs/common';
import { REVIEW_TOPIC, TRADING_PRODUCER_GROUP, type ReviewMessage } from '@txmsg/contracts';
import {
  commit,
  rollback,
  TransactionListener,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
} from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import { ProjectEntity } from '../projects/project.entity.js';
import { TradingSettings } from '../trading-settings.js';

/** `ALREADY_DONE`: it was approved, and the barrier's row of that approval was deleted after its retention. */
export type ReviewRefusal = 'ALREADY_DONE' | 'NOT_FULL';

/** The local transaction of an approval: the project becomes REPAYING, if its bids are full. */
@Injectable()
@TransactionListener({ topic: REVIEW_TOPIC, producerGroup: TRADING_PRODUCER_GROUP })
export class ReviewTransactionListener implements LocalTransactionListener<
  ReviewMessage,
  undefined,
  undefined,
  ReviewRefusal
> {
  constructor(
    private readonly settings: TradingSettings,
    private readonly faults: FaultInjector,
  ) {}

  async executeLocalTransaction(
    { txNo, projectId }: ReviewMessage,
    _arg: undefined,
    manager: EntityManager,
  ): Promise<LocalTransactionOutcome<undefined, ReviewRefusal>> {
    const { affectedRows } = await manager.query<{ affectedRows: number }>(
      `UPDATE project SET status = 'REPAYING', next_check_at = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND
       WHERE project_id = ? AND status = 'BIDDING' AND bid_amount = amount`,
      [this.settings.reconcileAfterMs * 1000, projectId],
    );
    if (affectedRows === 0) {
      const { status } = await manager.findOneByOrFail(ProjectEntity, { projectId });
      return rollback(status === 'REPAYING' ? 'ALREADY_DONE' : 'NOT_FULL');
    }
    await this.faults.at('service:review.approved', { txNo });
    return commit(undefined);
  }
}
