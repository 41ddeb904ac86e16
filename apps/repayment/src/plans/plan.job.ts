import { Injectable } from '@nestjs/common';
import type { ReviewContents } from '@txmsg/contracts';
import { PeerUnansweredError } from '@txmsg/service';
import {
  DurableJob,
  JobPostponedError,
  type DurableJobHandler,
  type RunningJob,
  type StepResult,
} from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import { BidsClient, type BidPage } from './bids.client.js';
import { PlanLedger } from './plan.ledger.js';

export const PLAN_JOB = 'repayment-plan';

/** After which investor the next step goes on. */
export interface PlanCursor {
  readonly after: string;
}

type PlanJobState = RunningJob<ReviewContents, PlanCursor>;

/** Few enough that a step's locks are held for milliseconds. */
const INSTALMENTS_OF_A_STEP = 400;
const BIDS_MAX = 500;
const TRADING_AWAY_PAUSE_MS = 2000;

/**
 * Makes a plan: each step reads some bids from trading, before its transaction, and stores their instalments in it. The bids
 * themselves are not stored here.
 */
@Injectable()
@DurableJob({ kind: PLAN_JOB })
export class PlanJob implements DurableJobHandler<ReviewContents, PlanCursor, BidPage | 'NOT_FOUND'> {
  constructor(
    private readonly bids: BidsClient,
    private readonly plans: PlanLedger,
    private readonly faults: FaultInjector,
  ) {}

  async prepare({ input, cursor }: PlanJobState, signal: AbortSignal): Promise<BidPage | 'NOT_FOUND'> {
    const { projectId, terms } = input;
    const size = Math.min(BIDS_MAX, Math.max(1, Math.floor(INSTALMENTS_OF_A_STEP / terms)));
    try {
      return await this.bids.page(projectId, cursor?.after, size, signal);
    } catch (error) {
      if (!(error instanceof PeerUnansweredError)) throw error;
      // However long it is away: that is no failure of the plan.
      throw new JobPostponedError(error.message, TRADING_AWAY_PAUSE_MS, { cause: error });
    }
  }

  async step(
    { key, input }: PlanJobState,
    manager: EntityManager,
    page: BidPage | 'NOT_FOUND',
  ): Promise<StepResult<PlanCursor>> {
    if (page === 'NOT_FOUND') {
      await this.plans.fail(input.projectId, 'PROJECT_NOT_FOUND', manager);
      return 'DONE';
    }
    await this.plans.add(input, page.bids, manager);
    await this.faults.at('service:plan.instalments-inserted', { txNo: key });
    if (page.next !== undefined) return { next: { after: page.next } };
    await this.plans.end(input.projectId, manager);
    await this.faults.at('service:plan.ended', { txNo: key });
    return 'DONE';
  }
}
