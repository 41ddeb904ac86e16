import { Injectable } from '@nestjs/common';
import { Reconciliation, type ReconciliationOutcome } from '@txmsg/service';
import { DatabaseTransactions } from 'txmsg';
import { FaultInjector, type FaultContext } from 'txmsg/faults';
import { CustodyAnswers } from '../custody/custody-answers.js';
import { CustodyClient } from '../custody/custody.client.js';
import { CustodyRequestLedger } from '../custody/custody-request.ledger.js';
import type { CustodyAnswer } from '../custody/custody-request.js';
import { DueRequests, type DueRequest } from './due-requests.js';
import type { CustodyReconciliationFaultPoint } from './reconciliation.fault-points.js';

const STATEMENT_TIMEOUT_MS = 5000;

/**
 * Ends the requests of which nothing was heard: a webhook may never come, and the call that was to tell custody may have been
 * lost. What custody does not know is sent again under the same number. Safe to run at any time, in any number of instances.
 */
@Injectable()
export class ReconciliationService extends Reconciliation<DueRequest> {
  constructor(
    due: DueRequests,
    private readonly custody: CustodyClient,
    private readonly answers: CustodyAnswers,
    private readonly ledger: CustodyRequestLedger,
    private readonly transactions: DatabaseTransactions,
    private readonly faults: FaultInjector,
  ) {
    super(due, 'service');
  }

  protected async end(request: DueRequest, signal: AbortSignal): Promise<ReconciliationOutcome> {
    const { txNo } = request;
    await this.at('claimed', { txNo });
    await this.transactions.autocommit(STATEMENT_TIMEOUT_MS, (manager) =>
      this.ledger.countCheck(txNo, manager),
    );
    const { answer, isSentAgain } = await this.ask(request, signal);
    await this.at('answered', { txNo });
    await this.answers.record(txNo, answer, (dropConnection) =>
      this.at('before-commit', { txNo, dropConnection }),
    );
    await this.at('recorded', { txNo });
    if (answer !== 'PROCESSING') return 'settled';
    return isSentAgain ? 'republished' : 'postponed';
  }

  private async ask(
    request: DueRequest,
    signal: AbortSignal,
  ): Promise<{ answer: CustodyAnswer; isSentAgain: boolean }> {
    const found = await this.custody.find(request, signal);
    await this.at('asked', { txNo: request.txNo });
    if (found !== 'NOT_FOUND') return { answer: found, isSentAgain: false };
    return { answer: await this.custody.send(request, signal), isSentAgain: true };
  }

  private at(
    step: CustodyReconciliationFaultPoint extends `service:custody-reconciliation.${infer Step}`
      ? Step
      : never,
    context: FaultContext,
  ): Promise<void> {
    return this.faults.at(`service:custody-reconciliation.${step}`, context);
  }
}
