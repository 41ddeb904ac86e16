import { isSameOrder, type DeductionState, type OrderContents } from '@txmsg/contracts';

/** A row of `order`, as far as the audit looks at it. */
export interface AuditedOrder extends OrderContents {
  readonly status: 'PENDING' | 'CONFIRMED' | 'CANCELLED';
  /** Reconciliation has still to ask stock about it (`next_check_at`). */
  readonly isChecked: boolean;
}

/** A row of `stock_deduction`. */
export interface AuditedDeduction extends OrderContents {
  readonly state: DeductionState;
}

/** What the two services have under one txNo; at least one of them has something. */
export interface AuditedPair {
  readonly txNo: string;
  readonly order?: AuditedOrder | undefined;
  readonly deduction?: AuditedDeduction | undefined;
}

/** A product, and how many pieces of it are deducted. Without a row in `stock` it has no counts. */
export interface AuditedProduct {
  readonly productId: string;
  readonly counts?: { readonly opening: number; readonly left: number } | undefined;
  readonly deducted: number;
}

export interface ShopDisagreement {
  readonly kind: 'PRODUCT' | 'ORDER';
  /** The product's id, or the txNo. */
  readonly of: string;
  readonly found: string;
  readonly expected: string;
}

/** opening_count = total_count + what is deducted. */
export function productDisagreement({
  productId,
  counts,
  deducted,
}: AuditedProduct): ShopDisagreement | undefined {
  const about = { kind: 'PRODUCT', of: productId } as const;
  if (counts === undefined) {
    return deducted === 0
      ? undefined
      : { ...about, found: `${deducted} pieces deducted of no product`, expected: 'none' };
  }
  const due = counts.opening - deducted;
  if (counts.left === due) return undefined;
  return {
    ...about,
    found: `${counts.left} pieces left`,
    expected: `${due}: ${counts.opening} less ${deducted}`,
  };
}

/**
 * Every deduction belongs to an order that says the same, and the other way round. An order about which stock is still to
 * be asked is in flight: anything may stand at stock, except pieces that are deducted for another order.
 */
export function orderDisagreement({ txNo, order, deduction }: AuditedPair): ShopDisagreement | undefined {
  const disagreement = (found: string, expected: string): ShopDisagreement => ({
    ...{ kind: 'ORDER', of: txNo },
    found,
    expected,
  });
  if (order === undefined) {
    return deduction?.state === 'DEDUCTED'
      ? disagreement('DEDUCTED at stock without an order', 'an order')
      : undefined;
  }
  const isOurs = deduction !== undefined && isSameOrder(order, deduction);
  if (deduction?.state === 'DEDUCTED' && !isOurs) {
    return disagreement(`${show(deduction)} DEDUCTED at stock`, show(order));
  }
  if (order.isChecked) return undefined;
  const found = `${order.status}, and ${isOurs ? deduction.state : 'nothing'} at stock`;
  switch (order.status) {
    case 'PENDING':
      return disagreement('PENDING, and stock is never asked', 'an order that ends');
    case 'CONFIRMED':
      return isOurs && deduction.state === 'DEDUCTED' ? undefined : disagreement(found, 'DEDUCTED at stock');
    case 'CANCELLED':
      // Under a txNo that another order holds at stock, nothing is ever deducted for this one.
      return deduction !== undefined && deduction.state !== 'DEDUCTED'
        ? undefined
        : disagreement(found, 'REFUSED or RETURNED at stock');
  }
}

function show({ orderNo, productId, payCount }: OrderContents): string {
  return `${payCount} of product ${productId} for order ${orderNo}`;
}
