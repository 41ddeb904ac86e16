import { Injectable, type Type } from '@nestjs/common';
import { debit } from '@txmsg/bank';
import { isSameTransfer, type AccountChangeMessage } from '@txmsg/contracts';
import {
  commit,
  isDuplicateEntry,
  rollback,
  TransactionListener,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import type { Bank1Settings } from '../bank1-settings.js';
import { OutgoingTransferEntity } from './outgoing-transfer.entity.js';
import type { TransferOrder, TransferRefusal } from './transfer-order.js';

type Outcome = LocalTransactionOutcome<TransferOrder, TransferRefusal>;

/**
 * The local transaction of a transfer: its row, then the debit. That order is the lock order of every
 * transaction here (barrier, transfer row, account), so two of them never wait for each other crosswise.
 */
@Injectable()
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
      if (isDuplicateEntry(error)) return false;
      throw error;
    }
  }

  /** The barrier row of that transfer was purged long ago; its own row is kept for ever. */
  private async refuseSecondUse(order: TransferOrder, manager: EntityManager): Promise<Outcome> {
    const first = await manager.findOneByOrFail(OutgoingTransferEntity, { txNo: order.txNo });
    return rollback(isSameTransfer(first, order) ? 'ALREADY_DONE' : 'TX_NO_CONFLICT');
  }
}

/** The listener for the topic and group of these settings: a decorator's arguments are fixed when a class is made. */
export function transferTransactionListener(settings: Bank1Settings): Type<TransferTransactionListener> {
  @TransactionListener({ topic: settings.transferTopic, producerGroup: settings.producerGroup })
  class ConfiguredTransferTransactionListener extends TransferTransactionListener {}
  return ConfiguredTransferTransactionListener;
}
