import { Injectable } from '@nestjs/common';
import { refundAll } from '@txmsg/bank';
import { isSameTransfer, type TransferContents, type TransferOutcome } from '@txmsg/contracts';
import { eachMust, IDENTIFIER, updateAllOrNone, valuesTable } from 'txmsg/building-blocks';
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

interface Row extends TransferContents {
  readonly txNo: string;
  readonly state: OutgoingTransferState;
}

/**
 * Ends transfers as bank2 decided: only from DEBITED, and only when the contents agree. The row and the refund change in
 * the caller's transaction.
 */
@Injectable()
export class OutgoingTransferLedger {
  async apply(result: TransferResult, manager: EntityManager): Promise<ResultEffect> {
    const [effect = 'UNKNOWN_TX_NO'] = await this.applyAll([result], manager);
    return effect;
  }

  /**
   * All in one UPDATE, as long as each result ends its transfer; otherwise each is decided by itself, on locked rows.
   * @param results - with different txNos; the rows are locked in their order
   * @returns what each did, in the same order
   */
  async applyAll(results: readonly TransferResult[], manager: EntityManager): Promise<ResultEffect[]> {
    if (await endUnlessRefused(results, manager)) return results.map(() => 'APPLIED');
    const rows = await lockRows(
      results.map(({ txNo }) => txNo),
      manager,
    );
    const effects = results.map((result) => effectOf(rows.get(result.txNo), result));
    const applied = results.filter((_result, index) => effects[index] === 'APPLIED');
    if (applied.length > 0 && !(await endUnlessRefused(applied, manager))) {
      const txNos = applied.map(({ txNo }) => txNo).join(', ');
      throw new Error(`MySQL and the bank compare ${txNos} differently`);
    }
    return effects;
  }

  /** Whether a result is about a transfer of ours, in any state. */
  async concerns(result: TransferResult, manager: EntityManager): Promise<boolean> {
    const row = (await lockRows([result.txNo], manager)).get(result.txNo);
    return row !== undefined && isSameTransfer(row, result);
  }

  /** Lets reconciliation ask bank2 about the transfer in its next round, if it has not ended. */
  async makeDue(txNo: string, manager: EntityManager): Promise<void> {
    await manager.query(
      `UPDATE outgoing_transfer SET next_check_at = UTC_TIMESTAMP(3) WHERE tx_no = ? AND state = 'DEBITED'`,
      [txNo],
    );
  }
}

function effectOf(row: Row | undefined, result: TransferResult): ResultEffect {
  if (row === undefined) return 'UNKNOWN_TX_NO';
  if (!isSameTransfer(row, result)) return 'OTHER_CONTENTS';
  return row.state === 'DEBITED' ? 'APPLIED' : 'UNCHANGED';
}

/**
 * Ends the transfers, and refunds those that were refused. False when one of them is about no transfer of ours that is
 * DEBITED; then nothing was changed.
 */
async function endUnlessRefused(
  results: readonly TransferResult[],
  manager: EntityManager,
): Promise<boolean> {
  const columns = {
    tx_no: IDENTIFIER,
    account_no: IDENTIFIER,
    to_account_no: IDENTIFIER,
    amount: 'CAST(? AS DECIMAL(19,2))',
    state: '?',
    reason: '?',
  };
  const isOurs = ['account_no', 'to_account_no', 'amount'].map((name) => `transfer.${name} = result.${name}`);
  const isDue = ["transfer.state = 'DEBITED'", ...isOurs].join(' AND ');
  const hasEnded = await updateAllOrNone(
    manager,
    `UPDATE ${valuesTable('result', columns, results.length)}
     LEFT JOIN outgoing_transfer transfer FORCE INDEX (PRIMARY) ON transfer.tx_no = result.tx_no
     SET transfer.state = result.state, transfer.reason = result.reason
     WHERE ${eachMust(isDue, 'transfer.state')}`,
    results.flatMap(({ txNo, accountNo, toAccountNo, amount, outcome, reason }) => [
      ...[txNo, accountNo, toAccountNo, amount],
      ...[STATE_AFTER[outcome], reason],
    ]),
    results.length,
  );
  if (!hasEnded) return false;
  await refundAll(
    manager,
    results.filter(({ outcome }) => outcome === 'REJECTED'),
  );
  return true;
}

const STATE_AFTER: Record<TransferOutcome, OutgoingTransferState> = {
  CREDITED: 'COMPLETED',
  REJECTED: 'REFUNDED',
};

/** Locks the rows until the transaction ends, so that two results cannot both find one DEBITED. */
async function lockRows(txNos: readonly string[], manager: EntityManager): Promise<Map<string, Row>> {
  const rows = await manager.query<Row[]>(
    `SELECT transfer.tx_no AS txNo, transfer.account_no AS accountNo, transfer.to_account_no AS toAccountNo,
       transfer.amount, transfer.state
     FROM ${valuesTable('wanted', { tx_no: IDENTIFIER }, txNos.length)}
     STRAIGHT_JOIN outgoing_transfer transfer FORCE INDEX (PRIMARY) USING (tx_no) FOR UPDATE`,
    [...txNos],
  );
  return new Map(rows.map((row) => [row.txNo, row]));
}
