import { Injectable } from '@nestjs/common';
import { BoundedRead } from '@txmsg/service';
import { DatabaseTransactions, DueRows, ladder } from 'txmsg';
import { Bank1Settings } from '../bank1-settings.js';
import { TopUpLedger } from './top-up.ledger.js';

const COUNT_TIMEOUT_MS = 5000;

/** A top-up whose end is not known yet. */
export interface DueTopUp {
  readonly txNo: string;
  /** The questions of earlier rounds; undefined when a person asks in between, which is no step of the ladder. */
  readonly asked: number | undefined;
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
    private readonly ledger: TopUpLedger,
    private readonly read: BoundedRead,
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
    return (await this.rows.claim()).map(({ row, isLast }) => {
      return { txNo: row.tx_no, asked: row.asked, isLast };
    });
  }

  /**
   * This one, whether it is due or not, and also when the ladder has given it up; `ENDED` when it is credited. Not claimed:
   * a round may ask about it at the same time, and one of the two finds it credited.
   */
  async claimOne(txNo: string): Promise<DueTopUp | 'ENDED' | 'NOT_FOUND'> {
    const topUp = await this.read.run((manager) => this.ledger.find(txNo, manager));
    if (topUp === undefined) return 'NOT_FOUND';
    return topUp.state === 'CREDITED' ? 'ENDED' : { txNo, asked: undefined, isLast: false };
  }

  /**
   * Counts an answer that decided nothing. While pay does not answer at all, the ladder has no next step. A row whose ladder
   * began anew while pay was asked stays as it is, unless it was at its first step, which looks the same.
   * @returns whether this top-up is given up with that
   */
  async countUndecided({ txNo, asked, isLast }: DueTopUp): Promise<boolean> {
    if (asked === undefined) return false;
    const givenUp = isLast ? ", state = 'GIVEN_UP'" : '';
    const { affectedRows } = await this.transactions.autocommit(COUNT_TIMEOUT_MS, (manager) =>
      manager.query<{ affectedRows: number }>(
        `UPDATE top_up SET asked = asked + 1${givenUp} WHERE tx_no = ? AND state = 'EXPECTED' AND asked = ?`,
        [txNo, asked],
      ),
    );
    return isLast && affectedRows === 1;
  }
}
