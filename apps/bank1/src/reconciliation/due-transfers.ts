import { Injectable } from '@nestjs/common';
import { DatabaseTransactions, Deadline } from 'txmsg';
import type { EntityManager } from 'typeorm';
import { Bank1Settings, RECONCILE_PAUSE_MAX_MS } from '../bank1-settings.js';
import type { OutgoingTransferState } from '../transfers/outgoing-transfer.entity.js';
import type { TransferOrder } from '../transfers/transfer-order.js';

const CLAIM_TIMEOUT_MS = 5000;
const CLAIM_MAX = 50;
const PAUSE_MAX_SECONDS = RECONCILE_PAUSE_MAX_MS / 1000;

/** A transfer to look up at bank2. */
export interface DueTransfer extends TransferOrder {
  /** As it stands in the row: of the call that made the transfer, or null when nobody traced it. */
  readonly traceparent: string | null;
}

const COLUMNS = 'tx_no, account_no, to_account_no, amount, traceparent';

interface Row {
  readonly tx_no: string;
  readonly account_no: string;
  readonly to_account_no: string;
  readonly amount: string;
  readonly traceparent: string | null;
}

/** The transfers that have been under way for too long. Each is claimed by one instance at a time. */
@Injectable()
export class DueTransfers {
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly settings: Bank1Settings,
  ) {}

  /**
   * Claims up to 50 of them. Each is due again after a pause, which doubles each time its message is sent again. The
   * index is forced because MySQL scans a table that it believes to be small, and a scan would lock every due row
   * instead of the first 50.
   */
  async claim(): Promise<DueTransfer[]> {
    return this.transactions.run(
      async ({ entityManager }) => {
        const rows = await entityManager.query<Row[]>(
          `SELECT ${COLUMNS} FROM outgoing_transfer FORCE INDEX (state_next_check_at)
           WHERE state = 'DEBITED' AND next_check_at <= UTC_TIMESTAMP(3)
             AND create_time <= UTC_TIMESTAMP(3) - INTERVAL ? MICROSECOND
           ORDER BY next_check_at LIMIT ${CLAIM_MAX} FOR UPDATE SKIP LOCKED`,
          [this.settings.reconcileAfterMs * 1000],
        );
        if (rows.length > 0) await this.postpone(rows, entityManager);
        return { decision: 'COMMIT', value: rows.map(toDueTransfer) };
      },
      { deadline: Deadline.in(CLAIM_TIMEOUT_MS) },
    );
  }

  /** Claims this one, whether it is due or not. `ENDED` when it has ended, so that there is nothing to do. */
  async claimOne(txNo: string): Promise<DueTransfer | 'ENDED' | 'NOT_FOUND'> {
    return this.transactions.run<DueTransfer | 'ENDED' | 'NOT_FOUND'>(
      async ({ entityManager }) => {
        const [row] = await entityManager.query<(Row & { readonly state: OutgoingTransferState })[]>(
          `SELECT ${COLUMNS}, state FROM outgoing_transfer WHERE tx_no = ? FOR UPDATE`,
          [txNo],
        );
        if (row === undefined) return { decision: 'ROLLBACK', value: 'NOT_FOUND' };
        if (row.state !== 'DEBITED') return { decision: 'ROLLBACK', value: 'ENDED' };
        await this.postpone([row], entityManager);
        return { decision: 'COMMIT', value: toDueTransfer(row) };
      },
      { deadline: Deadline.in(CLAIM_TIMEOUT_MS) },
    );
  }

  private async postpone(rows: readonly Row[], manager: EntityManager): Promise<void> {
    await manager.query(
      `UPDATE outgoing_transfer SET next_check_at = UTC_TIMESTAMP(3)
         + INTERVAL LEAST(${PAUSE_MAX_SECONDS}, ? / 1000 * POW(2, LEAST(republished, 12))) SECOND
       WHERE tx_no IN (${rows.map(() => '?').join(', ')})`,
      [this.settings.reconcileAfterMs, ...rows.map((row) => row.tx_no)],
    );
  }
}

function toDueTransfer({ tx_no, account_no, to_account_no, amount, traceparent }: Row): DueTransfer {
  return { txNo: tx_no, accountNo: account_no, toAccountNo: to_account_no, amount, traceparent };
}
