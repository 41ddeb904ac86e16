import { Injectable } from '@nestjs/common';
import { REVIEW_TOPIC, type ReviewMessage } from '@txmsg/contracts';
import { outcomeOfResend, Reconciliation, type ReconciliationOutcome } from '@txmsg/service';
import { DatabaseTransactions, TransactionTemplate } from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import { DueProjects } from './due-projects.js';
import type { ReviewReconciliationFaultPoint } from './reconciliation.fault-points.js';
import { RepaymentClient } from './repayment.client.js';

const STATEMENT_TIMEOUT_MS = 5000;

/**
 * Sees to it that repayment hears of every approval: the broker drops a half message after its last check-back, and a broker
 * that loses its disk loses everything. Safe to run at any time, in any number of instances.
 */
@Injectable()
export class ReconciliationService extends Reconciliation<ReviewMessage> {
  constructor(
    due: DueProjects,
    private readonly repayment: RepaymentClient,
    private readonly template: TransactionTemplate,
    private readonly transactions: DatabaseTransactions,
    private readonly faults: FaultInjector,
  ) {
    super(due, 'service');
  }

  protected async end(review: ReviewMessage, signal: AbortSignal): Promise<ReconciliationOutcome> {
    const { txNo, projectId } = review;
    await this.at('claimed', txNo);
    const answer = await this.repayment.find(review, signal);
    await this.at('answered', txNo);
    switch (answer) {
      case 'KNOWN':
        await this.stopChecking(projectId);
        await this.at('settled', txNo);
        return 'settled';
      case 'NOT_FOUND':
        return this.sendAgain(review);
      case 'OTHER_CONTENTS':
        this.logger.error('Repayment has another plan under this project.', { txNo });
        return 'postponed';
    }
  }

  private async stopChecking(projectId: string): Promise<void> {
    await this.transactions.autocommit(STATEMENT_TIMEOUT_MS, (manager) =>
      manager.query("UPDATE project SET next_check_at = NULL WHERE project_id = ? AND status = 'REPAYING'", [
        projectId,
      ]),
    );
  }

  private async sendAgain(review: ReviewMessage): Promise<ReconciliationOutcome> {
    const { txNo, projectId } = review;
    const sent = await this.template.resendMessageInTransaction(REVIEW_TOPIC, review, {
      txNo,
      guard: async (manager) => {
        const { affectedRows } = await manager.query<{ affectedRows: number }>(
          `UPDATE project SET republished = republished + 1
           WHERE project_id = ? AND status = 'REPAYING' AND next_check_at IS NOT NULL`,
          [projectId],
        );
        return affectedRows === 1;
      },
    });
    const outcome = outcomeOfResend(sent);
    if (outcome === 'republished') await this.at('republished', txNo);
    return outcome;
  }

  private at(
    step: ReviewReconciliationFaultPoint extends `service:review-reconciliation.${infer Step}` ? Step : never,
    txNo: string,
  ): Promise<void> {
    return this.faults.at(`service:review-reconciliation.${step}`, { txNo });
  }
}
