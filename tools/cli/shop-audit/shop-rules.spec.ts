import { describe, expect, it } from '@jest/globals';
import type { DeductionState } from '@txmsg/contracts';
import {
  orderDisagreement,
  productDisagreement,
  type AuditedDeduction,
  type AuditedOrder,
} from './shop-rules.js';

const contents = { txNo: 't', orderNo: 'o', productId: 'p', payCount: 3 };
const order = (status: AuditedOrder['status'], isChecked = false): AuditedOrder => ({
  ...contents,
  status,
  isChecked,
});
const deduction = (state: DeductionState, changes: object = {}): AuditedDeduction => ({
  ...contents,
  ...changes,
  state,
});

describe('the audit of a product', () => {
  it('agrees when what is left and what is deducted are what was brought in', () => {
    const product = { productId: 'p', counts: { opening: 10, left: 7 }, deducted: 3 };
    expect(productDisagreement(product)).toBeUndefined();
    expect(productDisagreement({ productId: 'gone', deducted: 0 })).toBeUndefined();
  });

  it.each([
    ['too few pieces', { counts: { opening: 10, left: 6 }, deducted: 3 }, '6 pieces left', '7: 10 less 3'],
    ['too many pieces', { counts: { opening: 10, left: 8 }, deducted: 3 }, '8 pieces left', '7: 10 less 3'],
    ['pieces of no product', { deducted: 3 }, '3 pieces deducted of no product', 'none'],
  ])('names %s', (_what, product, found, expected) => {
    const named = { kind: 'PRODUCT', of: 'p', found, expected };
    expect(productDisagreement({ productId: 'p', ...product })).toEqual(named);
  });
});

describe('the audit of an order', () => {
  it.each([
    ['CONFIRMED', 'DEDUCTED'],
    ['CANCELLED', 'REFUSED'],
    ['CANCELLED', 'RETURNED'],
  ] as const)('agrees: %s, and %s at stock', (status, state) => {
    const pair = { txNo: 't', order: order(status), deduction: deduction(state) };
    expect(orderDisagreement(pair)).toBeUndefined();
  });

  it.each(['PENDING', 'CONFIRMED', 'CANCELLED'] as const)(
    'takes a %s order for in flight that stock is to be asked about, whatever stock has',
    (status) => {
      const inFlight = order(status, true);
      expect(orderDisagreement({ txNo: 't', order: inFlight })).toBeUndefined();
      for (const state of ['DEDUCTED', 'REFUSED', 'RETURNED'] as const) {
        const pair = { txNo: 't', order: inFlight, deduction: deduction(state) };
        expect(orderDisagreement(pair)).toBeUndefined();
      }
    },
  );

  it.each([
    ['CONFIRMED', undefined, 'CONFIRMED, and nothing at stock'],
    ['CONFIRMED', 'REFUSED', 'CONFIRMED, and REFUSED at stock'],
    ['CONFIRMED', 'RETURNED', 'CONFIRMED, and RETURNED at stock'],
    ['CANCELLED', undefined, 'CANCELLED, and nothing at stock'],
    ['CANCELLED', 'DEDUCTED', 'CANCELLED, and DEDUCTED at stock'],
    ['PENDING', 'DEDUCTED', 'PENDING, and stock is never asked'],
  ] as const)('names %s, and %s at stock', (status, state, found) => {
    const pair = { txNo: 't', order: order(status), deduction: state && deduction(state) };
    expect(orderDisagreement(pair)).toMatchObject({ kind: 'ORDER', of: 't', found });
  });

  it('names pieces that are deducted without an order, and lets refusals be', () => {
    expect(orderDisagreement({ txNo: 't', deduction: deduction('DEDUCTED') })?.found).toContain(
      'without an order',
    );
    expect(orderDisagreement({ txNo: 't', deduction: deduction('REFUSED') })).toBeUndefined();
    expect(orderDisagreement({ txNo: 't', deduction: deduction('RETURNED') })).toBeUndefined();
  });

  it('names pieces that are deducted for another order, also while ours is in flight', () => {
    const other = deduction('DEDUCTED', { payCount: 4 });
    for (const ours of [order('PENDING', true), order('CANCELLED'), order('CONFIRMED')]) {
      expect(orderDisagreement({ txNo: 't', order: ours, deduction: other })).toMatchObject({
        found: '4 of product p for order o DEDUCTED at stock',
        expected: '3 of product p for order o',
      });
    }
  });

  it('lets a cancelled order face the refusal of another one under its txNo', () => {
    const other = deduction('RETURNED', { payCount: 4 });
    expect(orderDisagreement({ txNo: 't', order: order('CANCELLED'), deduction: other })).toBeUndefined();
    expect(orderDisagreement({ txNo: 't', order: order('CONFIRMED'), deduction: other })).toBeDefined();
  });
});
