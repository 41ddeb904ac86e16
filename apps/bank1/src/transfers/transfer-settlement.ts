import { Injectable } from '@nestjs/common';
import { refund } from '@txmsg/bank';
import { isSameTransfer, type TransferContents, type TransferOutcome } from '@txmsg/contracts';
import type { EntityManager } from 'typeorm';
import type { OutgoingTransferState } from './outgoing-transfer.entity.js';
import type { TransferOrder } from './transfer-order.js';

/** What the receiving bank said about a transfer with these contents. */
export interface TransferResult extends TransferOrder {
  readonly outcome: TransferOutcome;
  readonly reason: string | null;
}

/**
 * What a result came to.
 * - `SETTLED`: the transfer is COMPLETED or REFUNDED now.
 * - `UNCHANGED`: it was before.
 * - `UNKNOWN_TX_NO`, `OTHER_CONTENTS`: the result is not about a transfer of ours; nothing was changed.
 */
export type Settlement = 'SETTLED' | 'UNCHANGED' | 'UNKNOWN_TX_NO' | 'OTHER_CONTENTS';

interface Row extends TransferContents {
  readonly state: OutgoingTransferState;
}

/** Ends transfers: only from DEBITED, only when the contents agree, row and refund in the caller's transaction. */
@Injectable()
export class TransferSettlement {
  async settle(result: TransferResult, manager: EntityManager): Promise<Settlement> {
    const row = await lockRow(result.txNo, manager);
    if (row === undefined) return 'UNKNOWN_TX_NO';
    if (!isSameTransfer(row, result)) return 'OTHER_CONTENTS';
    if (row.state !== 'DEBITED') return 'UNCHANGED';
    await this.end(result, manager);
    return 'SETTLED';
  }

  /** Whether a result is about a transfer of ours, whatever state that is in. */
  async concerns(result: TransferResult, manager: EntityManager): Promise<boolean> {
    const row = await lockRow(result.txNo, manager);
    return row !== undefined && isSameTransfer(row, result);
  }

  /** Reconciliation is to ask about it in its next round, if it is still under way. */
  async makeDue(txNo: string, manager: EntityManager): Promise<void> {
    await manager.query(
      `UPDATE outgoing_transfer SET next_check_at = UTC_TIMESTAMP(3) WHERE tx_no = ? AND state = 'DEBITED'`,
      [txNo],
    );
  }

  private async end(
    { txNo, outcome, reason, accountNo, amount }: TransferResult,
    manager: EntityManager,
  ): Promise<void> {
    const state: OutgoingTransferState = outcome === 'CREDITED' ? 'COMPLETED' : 'REFUNDED';
    await manager.query('UPDATE outgoing_transfer SET state = ?, reason = ? WHERE tx_no = ?', [
      state,
      reason,
      txNo,
    ]);
    if (state === 'REFUNDED') await refund(manager, accountNo, amount);
  }
}

/** Locks the row until the transaction ends, so that two results cannot both find it DEBITED. */
async function lockRow(txNo: string, manager: EntityManager): Promise<Row | undefined> {
  const [row] = await manager.query<Row[]>(
    'SELECT account_no AS accountNo, to_account_no AS toAccountNo, amount, state FROM outgoing_transfer WHERE tx_no = ? FOR UPDATE',
    [txNo],
  );
  return row;
}
