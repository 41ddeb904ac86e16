import { RefusalReason, type OrderContents } from '@txmsg/contracts';
import { IDENTIFIER, valuesTable } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';

/** What became of one order's pieces; any other than DEDUCTED has changed nothing. */
export type TakeOutcome =
  'DEDUCTED' | typeof RefusalReason.NO_SUCH_PRODUCT | typeof RefusalReason.INSUFFICIENT_STOCK;

/** A product as it is locked: how many pieces there were, and how many the orders of this batch have left. */
interface LockedProduct {
  readonly before: number;
  left: number;
}

type Order = Pick<OrderContents, 'productId' | 'payCount'>;

/**
 * Takes the pieces of several orders in one transaction, each decided by itself in the order given, with one UPDATE for
 * all products: what it costs hardly depends on how many orders meet at one of them. The products stay locked until the
 * transaction ends, so that what was decided is true when it commits.
 * @returns one outcome for each order, in their order
 */
export async function takePieces(manager: EntityManager, orders: readonly Order[]): Promise<TakeOutcome[]> {
  const products = await lockProducts(manager, orders);
  const outcomes = orders.map(({ productId, payCount }) => decide(products.get(productId), payCount));
  const taken = [...products].flatMap(([productId, { before, left }]) =>
    left < before ? [{ productId, count: left - before }] : [],
  );
  await addPieces(manager, taken);
  return outcomes;
}

/**
 * Adds to the counts of these products, or takes from them; MySQL checks that none is negative.
 * @throws Error when one of them is not there, so that the caller's transaction is rolled back
 */
export async function addPieces(
  manager: EntityManager,
  changes: readonly { readonly productId: string; readonly count: number }[],
): Promise<void> {
  if (changes.length === 0) return;
  const columns = { product_id: IDENTIFIER, pieces: 'CAST(? AS SIGNED)' };
  const { affectedRows } = await manager.query<{ affectedRows: number }>(
    `UPDATE ${valuesTable('difference', columns, changes.length)}
     STRAIGHT_JOIN stock product FORCE INDEX (product_id) ON product.product_id = difference.product_id
     SET product.total_count = product.total_count + difference.pieces`,
    changes.flatMap(({ productId, count }) => [productId, count]),
  );
  if (affectedRows === changes.length) return;
  const products = changes.map(({ productId }) => productId).join(', ');
  throw new Error(`only ${affectedRows} of the products ${products} were changed`);
}

function decide(product: LockedProduct | undefined, payCount: number): TakeOutcome {
  if (product === undefined) return RefusalReason.NO_SUCH_PRODUCT;
  if (product.left < payCount) return RefusalReason.INSUFFICIENT_STOCK;
  product.left -= payCount;
  return 'DEDUCTED';
}

/** Sorted, so that two batches never wait for each other crosswise. */
export function byProductId(one: Pick<Order, 'productId'>, other: Pick<Order, 'productId'>): number {
  return one.productId < other.productId ? -1 : 1;
}

async function lockProducts(
  manager: EntityManager,
  orders: readonly Order[],
): Promise<Map<string, LockedProduct>> {
  const productIds = [...new Set([...orders].sort(byProductId).map(({ productId }) => productId))];
  const rows = await manager.query<{ product_id: string; total_count: number | string }[]>(
    `SELECT product.product_id, product.total_count
     FROM ${valuesTable('wanted', { product_id: IDENTIFIER }, productIds.length)}
     STRAIGHT_JOIN stock product FORCE INDEX (product_id) ON product.product_id = wanted.product_id FOR UPDATE`,
    productIds,
  );
  return new Map(
    rows.map(({ product_id, total_count }) => {
      const before = Number(total_count);
      return [product_id, { before, left: before }];
    }),
  );
}
