import { Body, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { AdminController, ApiProblem, asDatabaseProblem, logAdminAction } from '@txmsg/service';
import { noSuchProject } from '../projects/project.reader.js';
import { ReconciliationDocument, ReconciliationRequest } from './reconciliation.document.js';
import { ReconciliationService } from './reconciliation.service.js';

/** Reconciliation on demand, beside the periodic one. */
@AdminController('reconciliation')
export class ReconciliationController {
  constructor(private readonly reconciliation: ReconciliationService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Looks up at repayment what it should have heard of by now (up to 50), or one project.',
  })
  @ApiOkResponse({ type: ReconciliationDocument })
  @ApiProblem(ProblemCode.PROJECT_NOT_FOUND)
  async reconcile(@Body() { by, note, projectId }: ReconciliationRequest): Promise<ReconciliationDocument> {
    logAdminAction('reconciliation', { by, note }, { projectId });
    const { reconciliation } = this;
    const running =
      projectId === undefined ? reconciliation.reconcile() : reconciliation.reconcileOne(projectId);
    const report = await running.catch((error: unknown) => {
      throw asDatabaseProblem(error);
    });
    if (report === undefined) throw noSuchProject(projectId ?? '');
    return report;
  }
}
