import { ValidateBy, type ValidationOptions } from 'class-validator';

/** The states of a deduction at stock. RETURNED: the order was cancelled, and its pieces are back, or were never deducted. */
export const DEDUCTION_STATES = ['DEDUCTED', 'REFUSED', 'RETURNED'] as const;
export type DeductionState = (typeof DEDUCTION_STATES)[number];

/** Why an order gets no pieces. */
export const RefusalReason = {
  NO_SUCH_PRODUCT: 'NO_SUCH_PRODUCT',
  INSUFFICIENT_STOCK: 'INSUFFICIENT_STOCK',
  /** It was cancelled by a call. */
  CANCELLED: 'CANCELLED',
  /** Another order came under the same txNo first; this one can never be deducted. */
  TX_NO_CONFLICT: 'TX_NO_CONFLICT',
  /** Its message could not be handled, and an operator of stock gave it up. */
  DISMISSED: 'DISMISSED',
} as const;
export type RefusalReason = (typeof RefusalReason)[keyof typeof RefusalReason];

/** What an order asks for. A txNo that comes with other contents names another order. */
export interface OrderContents {
  readonly txNo: string;
  readonly orderNo: string;
  readonly productId: string;
  readonly payCount: number;
}

/** Whether two orders that have one txNo are the same one. */
export function isSameOrder(one: OrderContents, other: OrderContents): boolean {
  return (
    one.orderNo === other.orderNo && one.productId === other.productId && one.payCount === other.payCount
  );
}

export const PAY_COUNT_MAX = 1_000_000;
export const PAY_COUNT_RULE = `must be a whole number from 1 to ${PAY_COUNT_MAX}, and no text`;

export function isPayCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= PAY_COUNT_MAX;
}

/** The property is how many pieces an order asks for. */
export function IsPayCount(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    { name: 'isPayCount', validator: { validate: isPayCount, defaultMessage: () => PAY_COUNT_RULE } },
    options,
  );
}
