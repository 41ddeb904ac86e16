import { Body, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ProblemCode } from '@txmsg/contracts';
import {
  AdminController,
  ApiProblem,
  asDatabaseProblem,
  logAdminAction,
  ProblemException,
} from '@txmsg/service';
import { Bank1Settings } from '../bank1-settings.js';
import { TopUpReconciliationDocument, TopUpReconciliationRequest } from './top-up.request.js';
import { TopUpReconciliationService } from './top-up-reconciliation.service.js';

/** Reconciliation of top-ups on demand, beside the periodic one. */
@AdminController('top-ups/reconciliation')
export class TopUpReconciliationController {
  constructor(
    private readonly reconciliation: TopUpReconciliationService,
    private readonly settings: Bank1Settings,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Asks pay about the top-ups that are due (up to 50), or about one.' })
  @ApiOkResponse({ type: TopUpReconciliationDocument })
  @ApiProblem(ProblemCode.TOP_UP_NOT_FOUND, ProblemCode.PAY_NOT_CONFIGURED)
  async reconcile(
    @Body() { by, note, txNo }: TopUpReconciliationRequest,
  ): Promise<TopUpReconciliationDocument> {
    logAdminAction('reconciliation of top-ups', { by, note }, { txNo });
    if (this.settings.payUrl === undefined) {
      const detail = 'This bank was not told where pay is: its operator must set PAY_URL.';
      throw new ProblemException(ProblemCode.PAY_NOT_CONFIGURED, detail);
    }
    const report = await this.run(txNo).catch((error: unknown) => {
      throw asDatabaseProblem(error);
    });
    if (report !== undefined) return report;
    const detail = `This bank knows no top-up "${txNo ?? ''}".`;
    throw new ProblemException(ProblemCode.TOP_UP_NOT_FOUND, detail, { ...(txNo && { txNo }) });
  }

  private run(txNo: string | undefined): Promise<TopUpReconciliationDocument | undefined> {
    return txNo === undefined ? this.reconciliation.reconcile() : this.reconciliation.reconcileOne(txNo);
  }
}
