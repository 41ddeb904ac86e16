import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { CustodyRequestContents } from '@txmsg/contracts';
import { BoundedRead } from '@txmsg/service';
import { CommitOutcomeUnknownError, DatabaseTransactions, Deadline, type TransactionContext } from 'txmsg';
import { FaultInjector, type FaultContext } from 'txmsg/faults';
import { userRows } from '../users/user.rows.js';
import type { CustodyRequestFaultPoint } from './custody.fault-points.js';
import { CustodyRequestLedger } from './custody-request.ledger.js';
import type { CustodyRequest } from './custody-request.js';

/**
 * What became of a transaction.
 * - `USER_PENDING`: the user may still be rolled back; nothing was written.
 * - `STORED`: the request is committed, and custody knows nothing of it yet.
 * - `EXISTS`: the user has one that was not refused; nothing was written.
 * - `NOTHING_DONE`: the request was rolled back. `UNKNOWN`: whether it was, cannot be read now.
 */
export type RequestOutcome =
  | { readonly kind: 'STORED' | 'EXISTS'; readonly request: CustodyRequest }
  | { readonly kind: 'NO_USER' | 'USER_PENDING' | 'NOTHING_DONE' | 'UNKNOWN' };

const TIMEOUT_MS = 5000;

/** Makes the number of a request and stores the request, in one transaction, before anybody is called. */
@Injectable()
export class CustodyRequestStore {
  private readonly logger = new Logger(CustodyRequestStore.name);

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly ledger: CustodyRequestLedger,
    private readonly read: BoundedRead,
    private readonly faults: FaultInjector,
  ) {}

  /** @throws whatever kept the transaction from being committed; nothing was stored then, and nothing will be */
  async open(userId: string): Promise<RequestOutcome> {
    const requestNo = randomUUID();
    try {
      return await this.transactions.run<RequestOutcome>(
        async (context) => {
          const value = await this.write({ requestNo, userId }, context);
          return { decision: value.kind === 'STORED' ? 'COMMIT' : 'ROLLBACK', value };
        },
        {
          deadline: Deadline.in(TIMEOUT_MS),
          txNos: [requestNo],
          beforeCommit: ({ dropConnection }) => this.at('before-commit', { txNo: requestNo, dropConnection }),
        },
      );
    } catch (error) {
      if (!(error instanceof CommitOutcomeUnknownError)) throw error;
      return this.outcomeFromRow(requestNo, error);
    }
  }

  /** The user's row is locked first: of two calls for one user the second finds the request of the first. */
  private async write(
    { requestNo, userId }: Pick<CustodyRequestContents, 'requestNo' | 'userId'>,
    { entityManager, dropConnection }: TransactionContext,
  ): Promise<RequestOutcome> {
    const user = await userRows.lock(entityManager, userId);
    if (user === undefined) return { kind: 'NO_USER' };
    if (user.state === 'PENDING') return { kind: 'USER_PENDING' };
    const { name } = user;
    const latest = await this.ledger.latestOf(userId, entityManager);
    if (latest !== undefined && latest.state !== 'REFUSED') return { kind: 'EXISTS', request: latest };
    const contents: CustodyRequestContents = { requestNo, userId, name };
    await this.ledger.insert(contents, entityManager);
    await this.at('inserted', { txNo: requestNo, dropConnection });
    return { kind: 'STORED', request: { ...contents, state: 'NEW', custodyAccountNo: null, reason: null } };
  }

  private async outcomeFromRow(requestNo: string, error: Error): Promise<RequestOutcome> {
    try {
      const request = await this.read.run((manager) => this.ledger.findCommitted(requestNo, manager));
      return request === undefined ? { kind: 'NOTHING_DONE' } : { kind: 'STORED', request };
    } catch {
      this.logger.warn(`Whether a request is stored is not known yet: ${String(error)}`, { txNo: requestNo });
      return { kind: 'UNKNOWN' };
    }
  }

  private at(step: 'inserted' | 'before-commit', context: FaultContext): Promise<void> {
    const point: CustodyRequestFaultPoint = `service:custody-request.${step}`;
    return this.faults.at(point, context);
  }
}
