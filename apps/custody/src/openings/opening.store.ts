import { Injectable, Logger } from '@nestjs/common';
import type { CustodyRequestContents } from '@txmsg/contracts';
import { TxNoInsert } from '@txmsg/service';
import {
  CommitOutcomeUnknownError,
  DatabaseTransactions,
  Deadline,
  DurableJobs,
  JobKeyConflictError,
  type TransactionContext,
} from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import type { OpeningFaultPoint } from './opening.fault-points.js';
import { OPENING_JOB } from './opening.job.js';
import { OpeningLedger } from './opening.ledger.js';

/**
 * What became of a transaction.
 * - `STORED`: request and job are committed.
 * - `EXISTS`: the requestNo has a row; this call wrote nothing.
 * - `UNKNOWN`: the answer to COMMIT was lost, or another transaction holds the row, or may hold it: only the row can tell.
 */
export type AcceptOutcome = 'STORED' | 'EXISTS' | 'UNKNOWN';

const TIMEOUT_MS = 5000;

/** Stores a request and starts the job that decides about it, in one transaction: both are there, or neither is. */
@Injectable()
export class OpeningStore {
  private readonly logger = new Logger(OpeningStore.name);

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly ledger: OpeningLedger,
    private readonly jobs: DurableJobs,
    private readonly faults: FaultInjector,
  ) {}

  /** @throws whatever kept the transaction from being committed; nothing was stored then, and nothing will be */
  async accept(request: CustodyRequestContents): Promise<AcceptOutcome> {
    const txNo = request.requestNo;
    const inserting = new TxNoInsert();
    try {
      return await this.transactions.run<AcceptOutcome>(
        async (context) => {
          const isNew = await inserting.run(() => this.write(request, context));
          return isNew ? { decision: 'COMMIT', value: 'STORED' } : { decision: 'ROLLBACK', value: 'EXISTS' };
        },
        {
          deadline: Deadline.in(TIMEOUT_MS),
          txNos: [txNo],
          beforeCommit: (context) => this.at('before-commit', txNo, context),
        },
      );
    } catch (error) {
      // A call with other contents was first, and its row says so.
      if (error instanceof JobKeyConflictError) return 'EXISTS';
      if (!(error instanceof CommitOutcomeUnknownError) && !inserting.mayHaveWaited(error)) throw error;
      this.logger.warn(`The row must tell what became of a request: ${String(error)}`, { txNo });
      return 'UNKNOWN';
    }
  }

  /** False when the requestNo has a row already; then nothing was written. The job comes first, as its steps lock it first. */
  private async write(request: CustodyRequestContents, context: TransactionContext): Promise<boolean> {
    const { entityManager } = context;
    const { requestNo, userId, name } = request;
    // A job that is done is deleted after a while, the request's row never is.
    if ((await this.ledger.find(requestNo, entityManager)) !== undefined) return false;
    const input: CustodyRequestContents = { requestNo, userId, name };
    await this.jobs.start(entityManager, { kind: OPENING_JOB, key: requestNo, input });
    await this.at('job-started', requestNo, context);
    if (!(await this.ledger.insert(input, entityManager))) return false;
    await this.at('accepted', requestNo, context);
    return true;
  }

  private at(
    step: 'job-started' | 'accepted' | 'before-commit',
    txNo: string,
    { dropConnection }: TransactionContext,
  ): Promise<void> {
    const point: OpeningFaultPoint = `service:opening.${step}`;
    return this.faults.at(point, { txNo, dropConnection });
  }
}
