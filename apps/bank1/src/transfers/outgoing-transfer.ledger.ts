import { Injectable } from '@nestjs/common';
import { refund } from '@txmsg/bank';
import type { TransferOutcome } from '@txmsg/contracts';
import type { EntityManager } from 'typeorm';
import type { OutgoingTransferState } from './outgoing-transfer.entity.js';
import type { TransferOrder } from './transfer-order.js';

/** What the receiving bank said about a transfer with these contents. */
export interface TransferResult extends TransferOrder {
  readonly outcome: TransferOutcome;
  readonly reason: string | null;
}

/**
 * What a result did.
 * - `APPLIED`: the transfer is COMPLETED or REFUNDED now.
 * - `UNCHANGED`: it had ended before.
 * - `UNKNOWN_TX_NO`, `OTHER_CONTENTS`: the result is not about a transfer of ours; nothing was changed.
 */
export type ResultEffect = 'APPLIED' | 'UNCHANGED' | 'UNKNOWN_TX_NO' | 'OTHER_CONTENTS';

interface Row {
  readonly account_no: string;
  readonly to_account_no: string;
  readonly amount: string;
  readonly state: OutgoingTransferState;
}

/**
 * Ends transfers as bank2 decided: only from DEBITED, and only when the contents agree. The row and the refund change in
 * the caller's transaction.
 */
@Injectable()
export class OutgoingTransferLedger {
  async apply(result: TransferResult, manager: EntityManager): Promise<ResultEffect> {
    const row = await lockRow(result.txNo, manager);
    if (row === undefined) return 'UNKNOWN_TX_NO';
    if (!isSameTransfer(row, result)) return 'OTHER_CONTENTS';
    if (row.state !== 'DEBITED') return 'UNCHANGED';
    await this.end(result, manager);
    return 'APPLIED';
  }

  /** Whether a result is about a transfer of ours, in any state. */
  async concerns(result: TransferResult, manager: EntityManager): Promise<boolean> {
    const row = await lockRow(result.txNo, manager);
    return row !== undefined && isSameTransfer(row, result);
  }

  /** Lets reconciliation ask bank2 about the transfer in its next round, if it has not ended. */
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

function isSameTransfer(row: Row, { accountNo, toAccountNo, amount }: TransferOrder): boolean {
  return row.account_no === accountNo && row.to_account_no === toAccountNo && row.amount === amount;
}

/** Locks the row until the transaction ends, so that two results cannot both find it DEBITED. */
async function lockRow(txNo: string, manager: EntityManager): Promise<Row | undefined> {
  const [row] = await manager.query<Row[]>(
    'SELECT account_no, to_account_no, amount, state FROM outgoing_transfer WHERE tx_no = ? FOR UPDATE',
    [txNo],
  );
  return row;
}
