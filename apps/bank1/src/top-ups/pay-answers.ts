import { Injectable, Logger } from '@nestjs/common';
import { DatabaseTransactions, Deadline } from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import type { PaymentEnd } from './top-up.js';
import type { TopUpFaultPoint } from './top-up.fault-points.js';
import { TopUpLedger, type TopUpConclusion } from './top-up.ledger.js';

const TIMEOUT_MS = 5000;

/** Does what follows from an answer of pay that is final, whoever asked. */
@Injectable()
export class PayAnswers {
  private readonly logger = new Logger(PayAnswers.name);

  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly ledger: TopUpLedger,
    private readonly faults: FaultInjector,
  ) {}

  /** @throws CommitOutcomeUnknownError; with any other error nothing was done and nothing will be */
  async follow(end: PaymentEnd): Promise<TopUpConclusion> {
    const { txNo } = end;
    const at = (point: TopUpFaultPoint, dropConnection: () => void): Promise<void> =>
      this.faults.at(point, { txNo, dropConnection });
    const concluded = await this.transactions.run<TopUpConclusion>(
      async ({ entityManager, dropConnection }) => {
        await at('service:top-up.conclusion-begun', dropConnection);
        const conclusion = await this.ledger.apply(end, 'ANSWER', entityManager);
        if (conclusion.effect === 'NOT_OURS') return { decision: 'ROLLBACK', value: conclusion };
        if (conclusion.effect !== 'CONTRADICTED') return { decision: 'COMMIT', value: conclusion };
        await this.ledger.contradict(end, 'ANSWER', entityManager);
        const state = (await this.ledger.lock(txNo, entityManager))?.state ?? null;
        return { decision: 'COMMIT', value: { effect: 'CONTRADICTED', state, reason: 'OTHER_CONTENTS' } };
      },
      {
        deadline: Deadline.in(TIMEOUT_MS),
        txNos: [txNo],
        beforeCommit: ({ dropConnection }) => at('service:top-up.before-conclusion-commit', dropConnection),
      },
    );
    if (concluded.effect === 'CONTRADICTED')
      this.logger.warn('Pay contradicts what this bank knows.', { txNo });
    return concluded;
  }
}
