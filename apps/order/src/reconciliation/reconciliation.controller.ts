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
import { ReconciliationDocument, ReconciliationRequest } from './reconciliation.document.js';
import { ReconciliationService } from './reconciliation.service.js';

/** Reconciliation on demand, beside the periodic one. */
@AdminController('reconciliation')
export class ReconciliationController {
  constructor(private readonly reconciliation: ReconciliationService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Looks up at stock what has been under way for too long (up to 50), or one order.',
  })
  @ApiOkResponse({ type: ReconciliationDocument })
  @ApiProblem(ProblemCode.ORDER_NOT_FOUND)
  async reconcile(@Body() { by, note, txNo }: ReconciliationRequest): Promise<ReconciliationDocument> {
    logAdminAction('reconciliation', { by, note }, { txNo });
    const report = await this.run(txNo).catch((error: unknown) => {
      throw asDatabaseProblem(error);
    });
    if (report !== undefined) return report;
    const detail = `There is no order with the txNo "${txNo ?? ''}".`;
    throw new ProblemException(ProblemCode.ORDER_NOT_FOUND, detail, { ...(txNo && { txNo }) });
  }

  private run(txNo: string | undefined): Promise<ReconciliationDocument | undefined> {
    return txNo === undefined ? this.reconciliation.reconcile() : this.reconciliation.reconcileOne(txNo);
  }
}
