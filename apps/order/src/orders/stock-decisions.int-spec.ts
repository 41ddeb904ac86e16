import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { OrderContents } from '@txmsg/contracts';
import type { IncomingMessage } from 'txmsg';
import type { DataSource, EntityManager } from 'typeorm';
import { newServiceDataSource } from '../../../../libs/service/src/provisioning/service-data-source.fixture.js';
import type { OrderSettings } from '../order-settings.js';
import { OrderEntity } from './order.entity.js';
import { OrderLedger } from './order.ledger.js';
import { OrderRollbackListener } from './order-rollback.listener.js';
import { StockDecisions } from './stock-decisions.js';
import { StockDeductedListener } from './stock-deducted.listener.js';

const DATABASE = 'test_order_stock_decisions';

describe("stock's messages at order", () => {
  const ledger = new OrderLedger({ reconcileAfterMs: 60_000 } as OrderSettings);
  const decisions = new StockDecisions(ledger, { at: () => Promise.resolve() });
  const deducted = new StockDeductedListener(decisions);
  const rollback = new OrderRollbackListener(decisions);
  let dataSource: DataSource;

  beforeAll(async () => {
    for (const level of ['warn', 'debug'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    dataSource = await newServiceDataSource('order', DATABASE, [OrderEntity]);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await dataSource.destroy();
  });

  const order: OrderContents = { txNo: 't', orderNo: 'o', productId: 'p', payCount: 3 };

  beforeEach(async () => {
    await dataSource.query('DELETE FROM `order`');
    await dataSource.query(
      "INSERT INTO `order` (order_no, tx_no, product_id, pay_count, next_check_at) VALUES ('o', 't', 'p', 3, '2099-01-01')",
    );
  });

  const inTransaction = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
    dataSource.transaction('READ COMMITTED', work);
  const items = <T extends OrderContents>(payload: T) => [
    { txNo: payload.txNo, payload, message: {} as IncomingMessage },
  ];
  const confirm = (of = order) => inTransaction((manager) => deducted.onMessages(items(of), manager));
  const compensate = (of: OrderContents & { reason?: string } = { ...order, reason: 'INSUFFICIENT_STOCK' }) =>
    inTransaction((manager) => rollback.onMessages(items(rollback.normalizePayload(of)), manager));
  const cancel = () => inTransaction((manager) => ledger.cancel('o', manager));
  /** Status, reason, and whether stock is to be asked: later, now or not at all. */
  const state = async (): Promise<string> => {
    const [row] = await dataSource.query<{ status: string; reason: string | null; asked: string }[]>(
      `SELECT status, reason, CASE WHEN next_check_at IS NULL THEN 'never'
         WHEN next_check_at <= UTC_TIMESTAMP(3) THEN 'now' ELSE 'later' END AS asked FROM \`order\``,
    );
    return `${row?.status ?? ''} ${row?.reason ?? '-'} ${row?.asked ?? ''}`;
  };

  it('confirm a PENDING order, once', async () => {
    expect(await confirm()).toEqual([undefined]);
    expect(await confirm()).toEqual([undefined]);
    expect(await state()).toBe('CONFIRMED - never');
  });

  it('cancel a PENDING order by the compensation, once', async () => {
    await compensate();
    await compensate();
    expect(await state()).toBe('CANCELLED INSUFFICIENT_STOCK never');
  });

  it('need no reason, as classic services give none', async () => {
    await compensate(order);
    expect(await state()).toBe('CANCELLED - never');
  });

  it.each([
    ['an unknown order', { ...order, txNo: 'x' }, 'UNKNOWN_TX_NO'],
    ['an order with other contents', { ...order, payCount: 4 }, 'OTHER_CONTENTS'],
    ['another order number', { ...order, orderNo: 'x' }, 'OTHER_CONTENTS'],
  ])('are ignored about %s', async (_what, other, ignored) => {
    expect(await confirm(other)).toEqual([{ ignored }]);
    expect(await compensate(other)).toEqual([{ ignored }]);
    expect(await state()).toBe('PENDING - later');
  });

  it('do not confirm an order that a call has cancelled', async () => {
    await cancel();
    expect(await confirm()).toEqual([undefined]);
    expect(await state()).toBe('CANCELLED CANCELLED later');
  });

  it('make stock be asked when a compensation comes after a confirmation', async () => {
    await confirm();
    await compensate();
    expect(await state()).toBe('CONFIRMED - now');
  });

  it('make stock be asked when a confirmation comes after a compensation', async () => {
    await compensate();
    await confirm();
    expect(await state()).toBe('CANCELLED INSUFFICIENT_STOCK now');
  });

  it('decide each of several orders by itself', async () => {
    await dataSource.query(
      "INSERT INTO `order` (order_no, tx_no, product_id, pay_count, status) VALUES ('o2', 't2', 'p', 1, 'CANCELLED')",
    );
    const several = [
      order,
      { ...order, txNo: 't1' },
      { txNo: 't2', orderNo: 'o2', productId: 'p', payCount: 1 },
    ];
    const answers = await inTransaction((manager) => deducted.onMessages(several.flatMap(items), manager));
    expect(answers).toEqual([undefined, { ignored: 'UNKNOWN_TX_NO' }, undefined]);
    const statuses = await dataSource.query<{ status: string }[]>(
      'SELECT status FROM `order` ORDER BY tx_no',
    );
    expect(statuses.map(({ status }) => status)).toEqual(['CONFIRMED', 'CANCELLED']);
  });

  describe('as dead letters', () => {
    it('are stored when they are about our order, and stock is asked', async () => {
      const dead = (manager: EntityManager) => deducted.onDeadLetter(order, 'TX_NO_CONFLICT', manager);
      await expect(inTransaction(dead)).resolves.toBe('STORE');
      expect(await state()).toBe('PENDING - now');
    });

    it('are dropped when they are not', async () => {
      const dead = (manager: EntityManager) =>
        rollback.onDeadLetter({ ...order, payCount: 4 }, 'TX_NO_CONFLICT', manager);
      await expect(inTransaction(dead)).resolves.toBe('DROP');
      expect(await state()).toBe('PENDING - later');
    });

    it('end nothing when they are dismissed: stock is asked', async () => {
      const dismissed = (manager: EntityManager) => rollback.onDismiss(order, manager);
      await expect(inTransaction(dismissed)).resolves.toHaveProperty('ignored');
      expect(await state()).toBe('PENDING - now');
    });
  });
});
