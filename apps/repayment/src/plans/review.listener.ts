import { Injectable } from '@nestjs/common';
import {
  isSameReview,
  REPAYMENT_CONSUMER_GROUP,
  REVIEW_TOPIC,
  ReviewMessage,
  type ReviewContents,
} from '@txmsg/contracts';
import {
  DurableJobs,
  ignore,
  MessageListener,
  TxNoConflictError,
  type Ignored,
  type MessageHandler,
} from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import { PLAN_JOB } from './plan.job.js';
import { PlanLedger } from './plan.ledger.js';

/**
 * Receives approved projects. The plan takes minutes; the message starts it and is acknowledged at once: the plan's row and
 * its job are committed together with the barrier's row.
 */
@Injectable()
@MessageListener({ topic: REVIEW_TOPIC, consumerGroup: REPAYMENT_CONSUMER_GROUP, payload: ReviewMessage })
export class ReviewListener implements MessageHandler<ReviewMessage> {
  constructor(
    private readonly plans: PlanLedger,
    private readonly jobs: DurableJobs,
    private readonly faults: FaultInjector,
  ) {}

  /**
   * A project has one plan, whatever happens: an approval that comes again after its barrier row was deleted changes nothing, and one
   * for something else is a dead letter.
   */
  async onMessage(message: ReviewMessage, manager: EntityManager): Promise<void> {
    const { txNo, projectId, amount, bidCount, terms, annualRate } = message;
    const first = await this.plans.find(projectId, manager);
    if (first !== null) {
      if (isSameReview(first, message)) return;
      throw new TxNoConflictError(txNo, REPAYMENT_CONSUMER_GROUP);
    }
    // The job before the plan: that is the order in which its steps lock them.
    const input: ReviewContents = { projectId, amount, bidCount, terms, annualRate };
    await this.jobs.start(manager, { kind: PLAN_JOB, key: projectId, input });
    await this.plans.insert({ ...input, txNo }, manager);
    await this.faults.at('service:plan.accepted', { txNo });
  }

  /** Trading sends an approval again as long as there is no plan of it, so nothing is decided here. */
  onDismiss(): Promise<Ignored> {
    return Promise.resolve(ignore('trading sends it again'));
  }
}
