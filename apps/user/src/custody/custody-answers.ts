import { Injectable, Logger } from '@nestjs/common';
import { DatabaseTransactions, Deadline } from 'txmsg';
import { CustodyRequestLedger } from './custody-request.ledger.js';
import type { CustodyAnswer } from './custody-request.js';

const TIMEOUT_MS = 5000;

/** Records what custody has answered, each answer in a transaction of its own. */
@Injectable()
export class CustodyAnswers {
  private readonly logger = new Logger(CustodyAnswers.name);

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly ledger: CustodyRequestLedger,
  ) {}

  /** @param beforeCommit - for fault injection */
  async record(
    requestNo: string,
    answer: CustodyAnswer,
    beforeCommit: (dropConnection: () => void) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    await this.transactions.run(
      async ({ entityManager }) => {
        if (answer === 'PROCESSING') await this.ledger.markRequested(requestNo, entityManager);
        else if ((await this.ledger.conclude(answer, entityManager)) === 'CONTRADICTED') {
          this.logger.error('Custody contradicts what it said about a request before, which stands.', {
            txNo: requestNo,
          });
        }
        return { decision: 'COMMIT', value: undefined };
      },
      {
        deadline: Deadline.in(TIMEOUT_MS),
        txNos: [requestNo],
        beforeCommit: ({ dropConnection }) => beforeCommit(dropConnection),
      },
    );
  }
}
