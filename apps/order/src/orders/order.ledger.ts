import { Injectable } from '@nestjs/common';
import { isSameOrder, RefusalReason, type OrderContents } from '@txmsg/contracts';
import { IDENTIFIER, valuesTable } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { OrderSettings } from '../order-settings.js';
import type { OrderStatus } from './order.entity.js';

/** What a message of stock says about an order, or its answer to a question. */
export interface StockDecision {
  readonly order: OrderContents;
  readonly status: 'CONFIRMED' | 'CANCELLED';
  readonly reason: string | null;
}

/**
 * What a message did.
 * - `APPLIED`: the order was PENDING and has ended now.
 * - `UNCHANGED`: it had ended in this way before, or it was cancelled by a call, of which stock is still to be heard.
 * - `CONTRADICTED`: it had ended in the other way; stock is asked in the next round of reconciliation.
 * - `UNKNOWN_TX_NO`, `OTHER_CONTENTS`: the message is about no order of ours; nothing was changed.
 */
export type DecisionEffect = 'APPLIED' | 'UNCHANGED' | 'CONTRADICTED' | 'UNKNOWN_TX_NO' | 'OTHER_CONTENTS';

interface Row extends OrderContents {
  readonly status: OrderStatus;
  readonly isChecked: number | string;
}

const CONTENTS = `o.tx_no AS txNo, o.order_no AS orderNo, o.product_id AS productId, o.pay_count AS payCount`;

/**
 * Ends orders, in the caller's transaction. A message ends an order from PENDING and never again. Where a later message
 * contradicts the first one, a stranger has sent one of them, and neither is believed: what stock's own row says decides,
 * and reconciliation asks for it.
 */
@Injectable()
export class OrderLedger {
  constructor(private readonly settings: OrderSettings) {}

  /**
   * @param decisions - about different txNos, all with one status; the rows are locked in their order
   * @returns what each did, in the same order
   */
  async applyAll(decisions: readonly StockDecision[], manager: EntityManager): Promise<DecisionEffect[]> {
    const rows = await lockRows(
      decisions.map(({ order }) => order.txNo),
      manager,
    );
    const effects = decisions.map((decision) => effectOf(rows.get(decision.order.txNo), decision));
    const having = (wanted: DecisionEffect): StockDecision[] =>
      decisions.filter((_decision, index) => effects[index] === wanted);
    await endAll(having('APPLIED'), manager);
    for (const { order } of having('CONTRADICTED')) await this.makeDue(order.txNo, manager);
    return effects;
  }

  /** Whether a message is about an order of ours, in any status. */
  async concerns(order: OrderContents, manager: EntityManager): Promise<boolean> {
    const row = (await lockRows([order.txNo], manager)).get(order.txNo);
    return row !== undefined && isSameOrder(row, order);
  }

  /** Lets reconciliation ask stock about the order in its next round, whatever its status. */
  async makeDue(txNo: string, manager: EntityManager): Promise<void> {
    await manager.query('UPDATE `order` SET next_check_at = UTC_TIMESTAMP(3) WHERE tx_no = ?', [txNo]);
  }

  /**
   * Ends the order as stock's own row says, if it still has the status with which stock was asked; stock need not be asked
   * any more then.
   */
  async endAsStockSays(
    { order, status, reason }: StockDecision,
    from: OrderStatus,
    manager: EntityManager,
  ): Promise<void> {
    await manager.query(
      `UPDATE \`order\` SET status = ?, reason = COALESCE(reason, ?), next_check_at = NULL
       WHERE tx_no = ? AND status = ?`,
      [status, reason, order.txNo, from],
    );
  }

  /**
   * Cancels an order that is not cancelled, and keeps it under reconciliation until stock says that the pieces are back.
   * @returns the order when this has cancelled it; `CANCELLED` when it was so before
   */
  async cancel(orderNo: string, manager: EntityManager): Promise<OrderContents | 'CANCELLED' | 'NOT_FOUND'> {
    const [row] = await manager.query<Row[]>(
      `SELECT ${CONTENTS}, o.status FROM \`order\` o WHERE o.order_no = ? FOR UPDATE`,
      [orderNo],
    );
    if (row === undefined) return 'NOT_FOUND';
    if (row.status === 'CANCELLED') return 'CANCELLED';
    await manager.query(
      `UPDATE \`order\` SET status = 'CANCELLED', reason = ?,
         next_check_at = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND
       WHERE order_no = ?`,
      [RefusalReason.CANCELLED, this.settings.reconcileAfterMs * 1000, orderNo],
    );
    return contentsOf(row);
  }
}

export function contentsOf({ txNo, orderNo, productId, payCount }: OrderContents): OrderContents {
  return { txNo, orderNo, productId, payCount };
}

function effectOf(row: Row | undefined, { order, status }: StockDecision): DecisionEffect {
  if (row === undefined) return 'UNKNOWN_TX_NO';
  if (!isSameOrder(row, order)) return 'OTHER_CONTENTS';
  if (row.status === 'PENDING') return 'APPLIED';
  if (row.status === status) return 'UNCHANGED';
  // A late confirmation of an order that was cancelled by a call: its cancellation is on its way to stock.
  return row.status === 'CANCELLED' && Number(row.isChecked) === 1 ? 'UNCHANGED' : 'CONTRADICTED';
}

/** Of locked rows. */
async function endAll(decisions: readonly StockDecision[], manager: EntityManager): Promise<void> {
  if (decisions.length === 0) return;
  const columns = { tx_no: IDENTIFIER, status: '?', reason: '?' };
  await manager.query(
    `UPDATE ${valuesTable('decided', columns, decisions.length)}
     STRAIGHT_JOIN \`order\` o FORCE INDEX (tx_no) ON o.tx_no = decided.tx_no
     SET o.status = decided.status, o.reason = decided.reason, o.next_check_at = NULL`,
    decisions.flatMap(({ order, status, reason }) => [order.txNo, status, reason]),
  );
}

/** Locks the rows until the transaction ends, so that two messages cannot both find one PENDING. */
async function lockRows(txNos: readonly string[], manager: EntityManager): Promise<Map<string, Row>> {
  const rows = await manager.query<Row[]>(
    `SELECT ${CONTENTS}, o.status, (o.next_check_at IS NOT NULL) AS isChecked
     FROM ${valuesTable('wanted', { tx_no: IDENTIFIER }, txNos.length)}
     STRAIGHT_JOIN \`order\` o FORCE INDEX (tx_no) ON o.tx_no = wanted.tx_no FOR UPDATE`,
    [...txNos],
  );
  return new Map(rows.map((row) => [row.txNo, row]));
}
