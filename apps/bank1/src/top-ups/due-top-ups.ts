import { Injectable } from '@nestjs/common';
import { DatabaseTransactions, DueRows, ladder } from 'txmsg';
import { Bank1Settings } from '../bank1-settings.js';

const COUNT_TIMEOUT_MS = 5000;

/** A top-up that nobody has told of. */
export interface DueTopUp {
  readonly txNo: string;
  /** Pay is asked for the last time. */
  readonly isLast: boolean;
}

interface Row {
  readonly tx_no: string;
  readonly asked: number;
}

/** The top-ups to ask pay about, on the ladder of the settings. Each is claimed by one instance at a time. */
@Injectable()
export class DueTopUps {
  private readonly rows: DueRows<Row>;

  constructor(
    private readonly transactions: DatabaseTransactions,
    { topUpLadderMs }: Bank1Settings,
  ) {
    const pauseAfter = ladder(topUpLadderMs);
    this.rows = new DueRows<Row>(transactions, {
      name: 'top_up',
      columns: ['tx_no', 'asked'],
      key: 'tx_no',
      underWay: "state = 'EXPECTED'",
      due: 'next_check_at',
      index: 'state_next_check_at',
      // The first pause was before this question: registering sets it.
      pause: ({ asked }) => pauseAfter(asked + 1),
    });
  }

  /** Claims up to 50 of them; each is due again after a pause. */
  async claim(): Promise<DueTopUp[]> {
    return (await this.rows.claim()).map(({ row, isLast }) => ({ txNo: row.tx_no, isLast }));
  }

  /** Counts an answer that decided nothing. While pay does not answer at all, the ladder has no next step. */
  async countUndecided({ txNo, isLast }: DueTopUp): Promise<void> {
    const givenUp = isLast ? ", state = 'GIVEN_UP'" : '';
    await this.transactions.autocommit(COUNT_TIMEOUT_MS, (manager) =>
      manager.query(`UPDATE top_up SET asked = asked + 1${givenUp} WHERE tx_no = ? AND state = 'EXPECTED'`, [
        txNo,
      ]),
    );
  }
}
