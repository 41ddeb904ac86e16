import { Injectable } from '@nestjs/common';
import { debit, isDuplicateKey } from '@txmsg/bank';
import { BANK1_PRODUCER_GROUP, TRANSFER_TOPIC, type AccountChangeMessage } from '@txmsg/contracts';
import {
  commit,
  rollback,
  TransactionListener,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import { OutgoingTransferEntity } from './outgoing-transfer.entity.js';
import type { TransferOrder, TransferRefusal } from './transfer-order.js';

type Outcome = LocalTransactionOutcome<TransferOrder, TransferRefusal>;

/**
 * The local transaction of a transfer: its row, then the debit. That order is the lock order of every
 * transaction here (barrier, transfer row, account), so that no two of them deadlock.
 */
@Injectable()
@TransactionListener({ topic: TRANSFER_TOPIC, producerGroup: BANK1_PRODUCER_GROUP })
export class TransferTransactionListener implements LocalTransactionListener<
  AccountChangeMessage,
  unknown,
  TransferOrder,
  TransferRefusal
> {
  async executeLocalTransaction(
    { accountChange }: AccountChangeMessage,
    _arg: unknown,
    manager: EntityManager,
  ): Promise<Outcome> {
    // Only TransferService sends here, and its orders always name the payee.
    const order = accountChange as TransferOrder;
    if (!(await this.insertTransfer(order, manager))) return this.refuseSecondUse(order, manager);
    const debited = await debit(manager, order.accountNo, order.amount);
    return debited === 'DONE' ? commit(order) : rollback(debited);
  }

  /** False when a transfer has this txNo. */
  private async insertTransfer(order: TransferOrder, manager: EntityManager): Promise<boolean> {
    const { txNo, accountNo, toAccountNo, amount } = order;
    try {
      await manager.query(
        `INSERT INTO outgoing_transfer (tx_no, account_no, to_account_no, amount, state)
         VALUES (?, ?, ?, CAST(? AS DECIMAL(19,2)), 'DEBITED')`,
        [txNo, accountNo, toAccountNo, amount],
      );
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** The barrier's row of that transfer was deleted after its retention; the transfer's own row is never deleted. */
  private async refuseSecondUse(order: TransferOrder, manager: EntityManager): Promise<Outcome> {
    const first = await manager.findOneByOrFail(OutgoingTransferEntity, { txNo: order.txNo });
    const isSame =
      first.accountNo === order.accountNo &&
      first.toAccountNo === order.toAccountNo &&
      first.amount === order.amount;
    return rollback(isSame ? 'ALREADY_DONE' : 'TX_NO_CONFLICT');
  }
}
