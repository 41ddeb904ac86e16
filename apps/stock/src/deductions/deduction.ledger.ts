import { Injectable } from '@nestjs/common';
import { isSameOrder, RefusalReason, type DeductionState, type OrderContents } from '@txmsg/contracts';
import { IDENTIFIER, isDuplicateEntry, valuesTable } from 'txmsg/building-blocks';
import { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import { DeductionEntity } from './deduction.entity.js';
import { addPieces, byProductId, takePieces } from './piece-counts.js';

/** What was decided about an order. */
export interface Decision {
  readonly state: DeductionState;
  /** Null when it was deducted. */
  readonly reason: string | null;
}

/** A row of `stock_deduction`, as what it says. */
export interface DecidedOrder {
  readonly order: OrderContents;
  readonly decision: Decision;
}

/** What a cancellation did; OTHER_CONTENTS: it is about another order than the one that has the row. */
export type ReturnEffect = 'RETURNED' | 'UNCHANGED' | 'OTHER_CONTENTS';

const DEDUCTED: Decision = { state: 'DEDUCTED', reason: null };
const RETURNED: Decision = { state: 'RETURNED', reason: RefusalReason.CANCELLED };

/**
 * Decides about orders in `stock_deduction` and `stock`, in the caller's transaction. The row comes first and the product
 * second: that is the lock order of every transaction here, and the row, which is never deleted, stops an order whose
 * barrier row was deleted after its retention.
 */
@Injectable()
export class DeductionLedger {
  constructor(private readonly faults: FaultInjector) {}

  /**
   * Deducts each of these orders, or refuses it for good, one by one in the order given.
   * @param orders - with different txNos
   * @throws a duplicate entry (1062) when one of the txNos has a row already; the caller must roll back
   */
  async decideAll(orders: readonly OrderContents[], manager: EntityManager): Promise<DecidedOrder[]> {
    const context = { txNos: orders.map(({ txNo }) => txNo) };
    await insertAll(orders, DEDUCTED, manager);
    await this.faults.at('service:deduction.recorded', context);
    const outcomes = await takePieces(manager, orders);
    const decided = orders.map((order, index): DecidedOrder => {
      const outcome = outcomes[index] ?? RefusalReason.NO_SUCH_PRODUCT;
      return {
        order,
        decision: outcome === 'DEDUCTED' ? DEDUCTED : { state: 'REFUSED', reason: outcome },
      };
    });
    await setStates(
      decided.filter(({ decision }) => decision.state === 'REFUSED'),
      manager,
    );
    await this.faults.at('service:deduction.counted', context);
    return decided;
  }

  /** As `decideAll` for one order. Undefined when the txNo has a row already: nothing was done. */
  async decide(order: OrderContents, manager: EntityManager): Promise<DecidedOrder | undefined> {
    return unlessRecorded(async () => (await this.decideAll([order], manager))[0]);
  }

  /** Refuses it without looking at the product. Undefined when the txNo has a row already: nothing was done. */
  refuse(
    order: OrderContents,
    reason: RefusalReason,
    manager: EntityManager,
  ): Promise<DecidedOrder | undefined> {
    const decision: Decision = { state: 'REFUSED', reason };
    return unlessRecorded(async () => {
      await insertAll([order], decision, manager);
      return { order, decision };
    });
  }

  /**
   * These orders were cancelled: the pieces of each come back if it has any, and once. One that has not come yet gets its
   * row here, which then stops it.
   * @param orders - with different txNos
   * @returns what each did, in their order
   * @throws a duplicate entry (1062) when one of them comes at this very moment; the caller must roll back and try again
   */
  async giveBackAll(orders: readonly OrderContents[], manager: EntityManager): Promise<ReturnEffect[]> {
    const context = { txNos: orders.map(({ txNo }) => txNo) };
    const rows = await lockRows(context.txNos, manager);
    const early = orders.filter(({ txNo }) => !rows.has(txNo));
    const effects = orders.map((order) => effectOf(rows.get(order.txNo), order));
    const deducted = orders.filter(({ txNo }, index) => rows.has(txNo) && effects[index] === 'RETURNED');
    await insertAll(early, RETURNED, manager);
    await setStates(
      deducted.map((order) => ({ order, decision: RETURNED })),
      manager,
    );
    await this.faults.at('service:return.recorded', context);
    await addPieces(manager, sumUp(deducted));
    await this.faults.at('service:return.counted', context);
    return effects;
  }

  async find(txNo: string, manager: EntityManager): Promise<DecidedOrder | undefined> {
    const row = await manager.findOneBy(DeductionEntity, { txNo });
    return row === null ? undefined : toDecidedOrder(row);
  }
}

function effectOf(row: DecidedOrder | undefined, order: OrderContents): ReturnEffect {
  if (row === undefined) return 'RETURNED';
  if (!isSameOrder(row.order, order)) return 'OTHER_CONTENTS';
  return row.decision.state === 'DEDUCTED' ? 'RETURNED' : 'UNCHANGED';
}

function toDecidedOrder(row: Omit<DeductionEntity, 'createTime'>): DecidedOrder {
  const { txNo, orderNo, productId, payCount, state, reason } = row;
  return { order: { txNo, orderNo, productId, payCount }, decision: { state, reason } };
}

/** By product, in the order of their ids, as deductions lock them. */
function sumUp(orders: readonly OrderContents[]): { productId: string; count: number }[] {
  const sums = new Map<string, number>();
  for (const { productId, payCount } of orders) {
    sums.set(productId, (sums.get(productId) ?? 0) + payCount);
  }
  return [...sums].map(([productId, count]) => ({ productId, count })).sort(byProductId);
}

/** Locks the rows until the transaction ends, so that two cancellations cannot both find one DEDUCTED. */
async function lockRows(
  txNos: readonly string[],
  manager: EntityManager,
): Promise<Map<string, DecidedOrder>> {
  const rows = await manager.query<Omit<DeductionEntity, 'createTime'>[]>(
    `SELECT deduction.tx_no AS txNo, deduction.order_no AS orderNo, deduction.product_id AS productId,
       deduction.pay_count AS payCount, deduction.state, deduction.reason
     FROM ${valuesTable('wanted', { tx_no: IDENTIFIER }, txNos.length)}
     STRAIGHT_JOIN stock_deduction deduction FORCE INDEX (PRIMARY) ON deduction.tx_no = wanted.tx_no FOR UPDATE`,
    [...txNos],
  );
  return new Map(rows.map((row) => [row.txNo, toDecidedOrder(row)]));
}

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
  orders: readonly OrderContents[],
  { state, reason }: Decision,
  manager: EntityManager,
): Promise<void> {
  if (orders.length === 0) return;
  await manager.query(
    `INSERT INTO stock_deduction (tx_no, order_no, product_id, pay_count, state, reason)
     VALUES ${orders.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')}`,
    orders.flatMap(({ txNo, orderNo, productId, payCount }) => [
      ...[txNo, orderNo, productId, payCount],
      ...[state, reason],
    ]),
  );
}

/** Of rows that this transaction has inserted or locked. */
async function setStates(decided: readonly DecidedOrder[], manager: EntityManager): Promise<void> {
  if (decided.length === 0) return;
  const columns = { tx_no: IDENTIFIER, state: '?', reason: '?' };
  await manager.query(
    `UPDATE ${valuesTable('decided', columns, decided.length)}
     STRAIGHT_JOIN stock_deduction deduction FORCE INDEX (PRIMARY) ON deduction.tx_no = decided.tx_no
     SET deduction.state = decided.state, deduction.reason = decided.reason`,
    decided.flatMap(({ order, decision }) => [order.txNo, decision.state, decision.reason]),
  );
}
