import { Injectable } from '@nestjs/common';
import { CUSTODY_RESULT_TOPIC, type CustodyRequestContents } from '@txmsg/contracts';
import {
  DurableJob,
  JobPostponedError,
  LocalMessageOutbox,
  type DurableJobHandler,
  type RunningJob,
  type StepResult,
} from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import { CustodySettings } from '../custody-settings.js';
import { OpeningLedger } from './opening.ledger.js';

export const OPENING_JOB = 'custody-opening';

/**
 * Decides about a request, in one step: the account or the refusal, the request's row and the message about it are one
 * transaction, so that nobody is told what was rolled back, and nobody is left untold.
 */
@Injectable()
@DurableJob({ kind: OPENING_JOB })
export class OpeningJob implements DurableJobHandler<CustodyRequestContents> {
  constructor(
    private readonly ledger: OpeningLedger,
    private readonly outbox: LocalMessageOutbox,
    private readonly settings: CustodySettings,
    private readonly faults: FaultInjector,
  ) {}

  async step(
    { key: requestNo, input }: RunningJob<CustodyRequestContents>,
    manager: EntityManager,
  ): Promise<StepResult> {
    const { status, ageMs } = await this.ledger.lock(requestNo, manager);
    const leftMs = this.settings.openingTakesMs - ageMs;
    if (leftMs > 0) throw new JobPostponedError('the request is being examined', leftMs);
    if (status !== 'PROCESSING') return 'DONE';
    const result = await this.ledger.decide(input, manager);
    await this.faults.at('service:opening.decided', { txNo: requestNo });
    await this.outbox.publish(manager, CUSTODY_RESULT_TOPIC, result, { txNo: requestNo });
    await this.faults.at('service:opening.announced', { txNo: requestNo });
    return 'DONE';
  }
}
