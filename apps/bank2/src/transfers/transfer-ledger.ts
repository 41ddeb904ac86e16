import { Injectable } from '@nestjs/common';
import { credit } from '@txmsg/bank';
import type { RejectionReason } from '@txmsg/contracts';
import { isDuplicateEntry } from 'txmsg';
import type { EntityManager } from 'typeorm';
import type { IncomingTransfer, TransferDecision } from './incoming-transfer.js';
import { IncomingTransferEntity } from './incoming-transfer.entity.js';

/** A row of `incoming_transfer`, as what it says. */
export interface RecordedTransfer {
  readonly transfer: IncomingTransfer;
  readonly decision: TransferDecision;
}

/**
 * Decides transfers in `incoming_transfer` and the payee's account. The row comes first and the account second:
 * that is the lock order of every transaction here, and the row, which is kept for ever, stops a transfer whose
 * barrier row was purged. Everything happens in the caller's transaction.
 */
@Injectable()
export class TransferLedger {
  /** Credits the payee, or refuses for good. Undefined when the txNo has a row already: nothing was done. */
  async decide(transfer: IncomingTransfer, manager: EntityManager): Promise<TransferDecision | undefined> {
    if (!(await this.insert(transfer, { outcome: 'CREDITED', reason: null }, manager))) return undefined;
    const credited = await credit(manager, transfer.toAccountNo, transfer.amount);
    if (credited === 'DONE') return { outcome: 'CREDITED', reason: null };
    await manager.query(`UPDATE incoming_transfer SET state = 'REJECTED', reason = ? WHERE tx_no = ?`, [
      credited,
      transfer.txNo,
    ]);
    return { outcome: 'REJECTED', reason: credited };
  }

  /** Refuses it for good without looking at the account. Undefined when the txNo has a row already: nothing was done. */
  async refuse(
    transfer: IncomingTransfer,
    reason: RejectionReason,
    manager: EntityManager,
  ): Promise<TransferDecision | undefined> {
    const refusal: TransferDecision = { outcome: 'REJECTED', reason };
    return (await this.insert(transfer, refusal, manager)) ? refusal : undefined;
  }

  async find(txNo: string, manager: EntityManager): Promise<RecordedTransfer | undefined> {
    const row = await manager.findOneBy(IncomingTransferEntity, { txNo });
    if (row === null) return undefined;
    const { accountNo, toAccountNo, amount, state, reason } = row;
    return { transfer: { txNo, accountNo, toAccountNo, amount }, decision: { outcome: state, reason } };
  }

  private async insert(
    { txNo, accountNo, toAccountNo, amount }: IncomingTransfer,
    { outcome, reason }: TransferDecision,
    manager: EntityManager,
  ): Promise<boolean> {
    try {
      await manager.query(
        `INSERT INTO incoming_transfer (tx_no, account_no, to_account_no, amount, state, reason)
         VALUES (?, ?, ?, CAST(? AS DECIMAL(19,2)), ?, ?)`,
        [txNo, accountNo, toAccountNo, amount, outcome, reason],
      );
      return true;
    } catch (error) {
      if (isDuplicateEntry(error)) return false;
      throw error;
    }
  }
}
