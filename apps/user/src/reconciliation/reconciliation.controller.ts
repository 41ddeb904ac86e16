import { Body, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import { AdminController, ApiProblem, asDatabaseProblem, logAdminAction } from '@txmsg/service';
import { CustodyClient } from '../custody/custody.client.js';
import { custodyRequestNotFound } from '../custody/custody.problems.js';
import { ReconciliationDocument, ReconciliationRequest } from './reconciliation.document.js';
import { ReconciliationService } from './reconciliation.service.js';

/** Reconciliation on demand, beside the periodic one. */
@AdminController('reconciliation')
export class ReconciliationController {
  constructor(
    private readonly reconciliation: ReconciliationService,
    private readonly custody: CustodyClient,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Asks custody about the requests of which it is time to hear (up to 50), or about one.',
  })
  @ApiOkResponse({ type: ReconciliationDocument })
  @ApiProblem(ProblemCode.CUSTODY_REQUEST_NOT_FOUND, ProblemCode.CUSTODY_NOT_CONFIGURED)
  async reconcile(@Body() { by, note, requestNo }: ReconciliationRequest): Promise<ReconciliationDocument> {
    this.custody.requireConfigured();
    logAdminAction('reconciliation', { by, note }, { requestNo });
    const { reconciliation } = this;
    const running =
      requestNo === undefined ? reconciliation.reconcile() : reconciliation.reconcileOne(requestNo);
    const report = await running.catch((error: unknown) => {
      throw asDatabaseProblem(error);
    });
    if (report === undefined) throw custodyRequestNotFound(`There is no request "${requestNo ?? ''}" here.`);
    return report;
  }
}
