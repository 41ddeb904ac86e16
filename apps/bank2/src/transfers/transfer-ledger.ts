import { Injectable } from '@nestjs/common';
import { creditAll } from '@txmsg/bank';
import type { RejectionReason } from '@txmsg/contracts';
import { IDENTIFIER, isDuplicateEntry, valuesTable } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import type { IncomingTransfer, TransferDecision } from './incoming-transfer.js';
import { IncomingTransferEntity } from './incoming-transfer.entity.js';

/** A row of `incoming_transfer`, as what it says. */
export interface RecordedTransfer {
  readonly transfer: IncomingTransfer;
  readonly decision: TransferDecision;
}

/**
 * Decides transfers in `incoming_transfer` and the payee's account, in the caller's transaction. The row comes first and
 * the account second: that is the lock order of every transaction here, and the row, which is never deleted, stops a
 * transfer whose barrier row was deleted after its retention.
 */
@Injectable()
export class TransferLedger {
  /** Credits the payee, or refuses for good. Undefined when the txNo has a row already: nothing was done. */
  async decide(transfer: IncomingTransfer, manager: EntityManager): Promise<TransferDecision | undefined> {
    return unlessRecorded(async () => (await this.decideAll([transfer], manager))[0]);
  }

  /**
   * Decides transfers with different txNos, each by itself in the order given.
   * @throws a duplicate entry (1062) when one of the txNos has a row already; the caller must roll back
   */
  async decideAll(
    transfers: readonly IncomingTransfer[],
    manager: EntityManager,
  ): Promise<TransferDecision[]> {
    await insertAll(transfers, CREDITED, manager);
    const credited = await creditAll(
      manager,
      transfers.map(({ toAccountNo, amount }) => ({ accountNo: toAccountNo, amount })),
    );
    const decisions = credited.map((outcome): TransferDecision =>
      outcome === 'DONE' ? CREDITED : { outcome: 'REJECTED', reason: outcome },
    );
    await markRejected(transfers, decisions, manager);
    return decisions;
  }

  /** Refuses it for good without looking at the account. Undefined when the txNo has a row already: nothing was done. */
  async refuse(
    transfer: IncomingTransfer,
    reason: RejectionReason,
    manager: EntityManager,
  ): Promise<TransferDecision | undefined> {
    const refusal: TransferDecision = { outcome: 'REJECTED', reason };
    return unlessRecorded(() => insertAll([transfer], refusal, manager).then(() => refusal));
  }

  async find(txNo: string, manager: EntityManager): Promise<RecordedTransfer | undefined> {
    const row = await manager.findOneBy(IncomingTransferEntity, { txNo });
    if (row === null) return undefined;
    const { accountNo, toAccountNo, amount, state, reason } = row;
    return { transfer: { txNo, accountNo, toAccountNo, amount }, decision: { outcome: state, reason } };
  }
}

const CREDITED: TransferDecision = { outcome: 'CREDITED', reason: null };

/** Undefined when the txNo has a row already. */
async function unlessRecorded<T>(record: () => Promise<T>): Promise<T | undefined> {
  try {
    return await record();
  } catch (error) {
    if (isDuplicateEntry(error)) return undefined;
    throw error;
  }
}

async function insertAll(
  transfers: readonly IncomingTransfer[],
  { outcome, reason }: TransferDecision,
  manager: EntityManager,
): Promise<void> {
  await manager.query(
    `INSERT INTO incoming_transfer (tx_no, account_no, to_account_no, amount, state, reason)
     VALUES ${transfers.map(() => '(?, ?, ?, CAST(? AS DECIMAL(19,2)), ?, ?)').join(', ')}`,
    transfers.flatMap(({ txNo, accountNo, toAccountNo, amount }) => [
      ...[txNo, accountNo, toAccountNo, amount],
      ...[outcome, reason],
    ]),
  );
}

async function markRejected(
  transfers: readonly IncomingTransfer[],
  decisions: readonly TransferDecision[],
  manager: EntityManager,
): Promise<void> {
  const rejected = transfers.flatMap(({ txNo }, index) => {
    const decision = decisions[index];
    return decision?.outcome === 'REJECTED' ? [[txNo, decision.reason]] : [];
  });
  if (rejected.length === 0) return;
  await manager.query(
    `UPDATE ${valuesTable('rejected', { tx_no: IDENTIFIER, reason: '?' }, rejected.length)}
     STRAIGHT_JOIN incoming_transfer transfer FORCE INDEX (PRIMARY) USING (tx_no)
     SET transfer.state = 'REJECTED', transfer.reason = rejected.reason`,
    rejected.flat(),
  );
}
