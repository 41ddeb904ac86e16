import { Injectable } from '@nestjs/common';
import { debit, debitAll, type DebitOutcome } from '@txmsg/bank';
import {
  BANK1_PRODUCER_GROUP,
  isSameTransfer,
  TRANSFER_TOPIC,
  type AccountChangeMessage,
} from '@txmsg/contracts';
import {
  commit,
  rollback,
  TransactionListener,
  type BatchLocalTransactionListener,
  type LocalTransactionItem,
  type LocalTransactionOutcome,
} from 'txmsg';
import { IDENTIFIER, isDuplicateEntry, valuesTable } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { OutgoingTransferEntity } from './outgoing-transfer.entity.js';
import type { Traceparent, TransferOrder, TransferRefusal } from './transfer-order.js';

type Outcome = LocalTransactionOutcome<TransferOrder, TransferRefusal>;
type Item = LocalTransactionItem<AccountChangeMessage, Traceparent>;

/**
 * The local transactions of transfers: their rows, then the debits. That order is the lock order of every
 * transaction here (barrier, transfer row, account), so that no two of them deadlock.
 */
@Injectable()
@TransactionListener({ topic: TRANSFER_TOPIC, producerGroup: BANK1_PRODUCER_GROUP })
export class TransferTransactionListener implements BatchLocalTransactionListener<
  AccountChangeMessage,
  Traceparent,
  TransferOrder,
  TransferRefusal
> {
  async executeLocalTransactions(items: readonly Item[], manager: EntityManager): Promise<Outcome[]> {
    const [alone] = items;
    if (alone !== undefined && items.length === 1) return [await this.executeOne(alone, manager)];
    // A txNo that has a row makes all of it fail; then each is executed alone.
    await insertTransfers(items, manager);
    const orders = items.map(orderOf);
    const debited = await debitAll(manager, orders);
    await deleteTransfers(
      orders.filter((_order, index) => debited[index] !== 'DONE'),
      manager,
    );
    return orders.map((order, index) => outcomeOf(order, debited[index]));
  }

  private async executeOne(item: Item, manager: EntityManager): Promise<Outcome> {
    const order = orderOf(item);
    try {
      await insertTransfers([item], manager);
    } catch (error) {
      if (isDuplicateEntry(error)) return this.refuseSecondUse(order, manager);
      throw error;
    }
    return outcomeOf(order, await debit(manager, order.accountNo, order.amount));
  }

  /** The barrier's row of that transfer was deleted after its retention; the transfer's own row is never deleted. */
  private async refuseSecondUse(order: TransferOrder, manager: EntityManager): Promise<Outcome> {
    const first = await manager.findOneByOrFail(OutgoingTransferEntity, { txNo: order.txNo });
    return rollback(isSameTransfer(first, order) ? 'ALREADY_DONE' : 'TX_NO_CONFLICT');
  }
}

/** Only TransferService sends here, and its orders always name the payee. */
function orderOf({ payload }: Item): TransferOrder {
  return payload.accountChange as TransferOrder;
}

function outcomeOf(order: TransferOrder, debited: DebitOutcome | undefined): Outcome {
  if (debited === undefined) throw new Error(`no outcome for the debit of ${order.txNo}`);
  return debited === 'DONE' ? commit(order) : rollback(debited);
}

/** Names the column `traceparent` only when one of them is traced: the others are to cost nothing more. */
async function insertTransfers(items: readonly Item[], manager: EntityManager): Promise<void> {
  const isTraced = items.some(({ arg }) => arg !== undefined);
  const row = `(?, ?, ?, CAST(? AS DECIMAL(19,2)), 'DEBITED'${isTraced ? ', ?' : ''})`;
  await manager.query(
    `INSERT INTO outgoing_transfer (tx_no, account_no, to_account_no, amount, state${isTraced ? ', traceparent' : ''})
     VALUES ${items.map(() => row).join(', ')}`,
    items.flatMap((item) => {
      const { txNo, accountNo, toAccountNo, amount } = orderOf(item);
      return [txNo, accountNo, toAccountNo, amount, ...(isTraced ? [item.arg ?? null] : [])];
    }),
  );
}

/** Of transfers that are refused while others of their batch are committed. */
async function deleteTransfers(orders: readonly TransferOrder[], manager: EntityManager): Promise<void> {
  if (orders.length === 0) return;
  await manager.query(
    `DELETE transfer FROM ${valuesTable('refused', { tx_no: IDENTIFIER }, orders.length)}
     STRAIGHT_JOIN outgoing_transfer transfer FORCE INDEX (PRIMARY) USING (tx_no)`,
    orders.map(({ txNo }) => txNo),
  );
}
