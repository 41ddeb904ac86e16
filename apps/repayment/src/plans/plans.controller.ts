import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemCode, reviewTxNoOf } from '@txmsg/contracts';
import { ApiProblem, asDatabaseProblem, BoundedRead, IdentifierPipe, ProblemException } from '@txmsg/service';
import { DurableJobs } from 'txmsg';
import { PlanDocument } from './plan.document.js';
import type { PlanEntity } from './plan.entity.js';
import { PLAN_JOB } from './plan.job.js';
import { PlanLedger } from './plan.ledger.js';

@ApiTags('plans')
@Controller('plans')
export class PlansController {
  constructor(
    private readonly read: BoundedRead,
    private readonly plans: PlanLedger,
    private readonly jobs: DurableJobs,
  ) {}

  @Get(':projectId')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'The plan of a project: whether it is ready, or how far it has come.' })
  @ApiOkResponse({ type: PlanDocument })
  @ApiProblem(ProblemCode.INVALID_INPUT, ProblemCode.PLAN_NOT_FOUND, ProblemCode.SERVICE_UNAVAILABLE)
  async find(@Param('projectId', IdentifierPipe) projectId: string): Promise<PlanDocument> {
    const plan = await this.read.run((manager) => this.plans.find(projectId, manager));
    if (plan === null) {
      throw new ProblemException(ProblemCode.PLAN_NOT_FOUND, `There is no plan of project "${projectId}".`, {
        txNo: reviewTxNoOf(projectId),
      });
    }
    const isStuck = plan.state === 'PLANNING' && (await this.hasJobFailed(projectId));
    return toDocument(plan, isStuck ? { state: 'FAILED', reason: 'JOB_FAILED' } : plan);
  }

  private async hasJobFailed(projectId: string): Promise<boolean> {
    const job = await this.jobs.find(PLAN_JOB, projectId).catch((error: unknown) => {
      throw asDatabaseProblem(error);
    });
    return job?.state === 'FAILED';
  }
}

function toDocument(
  plan: PlanEntity,
  { state, reason }: Pick<PlanDocument, 'state' | 'reason'>,
): PlanDocument {
  const { projectId, txNo, amount, bidCount, terms, annualRate } = plan;
  const { instalmentsMade, principalMade, interestMade } = plan;
  return {
    ...{ projectId, txNo, state, reason, amount, bidCount, terms, annualRate },
    instalmentsMade,
    instalmentsTotal: bidCount * terms,
    principalMade,
    interestMade,
  };
}
