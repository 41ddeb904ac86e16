import { Injectable } from '@nestjs/common';
import { backOff, DatabaseTransactions, DueRows } from 'txmsg';
import { Bank1Settings, RECONCILE_PAUSE_MAX_MS } from '../bank1-settings.js';
import type { TransferOrder } from '../transfers/transfer-order.js';

/** However often a message was sent again, its pause has doubled so often at most. */
const DOUBLINGS_MAX = 12;

/** A transfer to look up at bank2. */
export interface DueTransfer extends TransferOrder {
  /** As it stands in the row: of the call that made the transfer, or null when nobody traced it. */
  readonly traceparent: string | null;
}

interface Row {
  readonly tx_no: string;
  readonly account_no: string;
  readonly to_account_no: string;
  readonly amount: string;
  readonly republished: number | string;
  readonly traceparent: string | null;
}

/** The transfers that have been under way for too long. Each is claimed by one instance at a time. */
@Injectable()
export class DueTransfers {
  private readonly rows: DueRows<Row>;

  constructor(transactions: DatabaseTransactions, { reconcileAfterMs }: Bank1Settings) {
    const pauseAfter = backOff(reconcileAfterMs, RECONCILE_PAUSE_MAX_MS);
    this.rows = new DueRows<Row>(transactions, {
      name: 'outgoing_transfer',
      columns: ['tx_no', 'account_no', 'to_account_no', 'amount', 'republished', 'traceparent'],
      key: 'tx_no',
      underWay: "state = 'DEBITED'",
      due: 'next_check_at',
      index: 'state_next_check_at',
      youngest: { column: 'create_time', ms: reconcileAfterMs },
      // It doubles each time the message is sent again. Never the last: bank2 can always be asked.
      pause: ({ republished }) => pauseAfter(Math.min(Number(republished), DOUBLINGS_MAX)),
    });
  }

  /** Claims up to 50 of them; each is due again after a pause. */
  async claim(): Promise<DueTransfer[]> {
    return (await this.rows.claim()).map(({ row }) => toDueTransfer(row));
  }

  /** Claims this one, whether it is due or not. `ENDED` when it has ended, so that there is nothing to do. */
  async claimOne(txNo: string): Promise<DueTransfer | 'ENDED' | 'NOT_FOUND'> {
    const claimed = await this.rows.claimOne(txNo);
    return typeof claimed === 'string' ? claimed : toDueTransfer(claimed.row);
  }
}

function toDueTransfer({ tx_no, account_no, to_account_no, amount, traceparent }: Row): DueTransfer {
  return { txNo: tx_no, accountNo: account_no, toAccountNo: to_account_no, amount, traceparent };
}
