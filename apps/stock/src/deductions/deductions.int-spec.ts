import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { OrderContents, OrderRollbackMessage } from '@txmsg/contracts';
import { TxNoConflictError, type IncomingMessage, type LocalMessage, type LocalMessageOutbox } from 'txmsg';
import type { DataSource, EntityManager } from 'typeorm';
import { newServiceDataSource } from '../../../../libs/service/src/provisioning/service-data-source.fixture.js';
import { DeductionAnswers } from './deduction.answers.js';
import { DeductionEntity } from './deduction.entity.js';
import { DeductionLedger } from './deduction.ledger.js';
import { OrderCancelListener } from './order-cancel.listener.js';
import { OrderListener } from './order.listener.js';

const DATABASE = 'test_stock_deductions';

describe('deductions', () => {
  /** What was published within transactions, committed or not: `topic txNo reason`. */
  const published: string[] = [];
  const outbox = {
    publishAll: (_manager: EntityManager, topic: string, messages: readonly LocalMessage[]) => {
      for (const { txNo, payload } of messages) {
        const { reason } = payload as OrderRollbackMessage;
        published.push([topic, txNo, ...(reason === undefined ? [] : [reason])].join(' '));
      }
      return Promise.resolve();
    },
  } as unknown as LocalMessageOutbox;
  const faults = { at: () => Promise.resolve() };
  const ledger = new DeductionLedger(faults);
  const listener = new OrderListener(ledger, new DeductionAnswers(outbox, faults));
  const cancellations = new OrderCancelListener(ledger);
  let dataSource: DataSource;

  beforeAll(async () => {
    for (const level of ['log', 'debug'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    dataSource = await newServiceDataSource('stock', DATABASE, [DeductionEntity]);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await dataSource.destroy();
  });
  beforeEach(async () => {
    published.length = 0;
    await dataSource.query('DELETE FROM stock_deduction');
    await dataSource.query('DELETE FROM stock');
    await dataSource.query(
      "INSERT INTO stock (product_id, total_count, opening_count) VALUES ('p', 10, 10), ('P', 5, 5)",
    );
  });

  const order = (txNo: string, payCount: number, productId = 'p'): OrderContents => ({
    txNo,
    orderNo: `o-${txNo}`,
    productId,
    payCount,
  });
  const inTransaction = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
    dataSource.transaction('READ COMMITTED', work);
  const items = (orders: readonly OrderContents[]) =>
    orders.map((payload) => ({ txNo: payload.txNo, payload, message: {} as IncomingMessage }));
  const handle = (...orders: readonly OrderContents[]): Promise<void> =>
    inTransaction((manager) => listener.onMessages(items(orders), manager));
  const cancel = (...orders: readonly OrderContents[]) =>
    inTransaction((manager) => cancellations.onMessages(items(orders), manager));
  const left = async (productId = 'p'): Promise<number> => {
    const [row] = await dataSource.query<{ total_count: string }[]>(
      'SELECT total_count FROM stock WHERE product_id = ?',
      [productId],
    );
    return Number(row?.total_count);
  };
  const states = async (): Promise<string[]> =>
    (await dataSource.manager.find(DeductionEntity, { order: { txNo: 'ASC' } })).map(
      ({ txNo, state, reason }) => [txNo, state, ...(reason === null ? [] : [reason])].join(' '),
    );

  it('deducts the pieces and says so', async () => {
    await handle(order('a', 3));
    expect(await left()).toBe(7);
    expect(await states()).toEqual(['a DEDUCTED']);
    expect(published).toEqual(['topic_stock_deducted a']);
  });

  it('gives out the last piece', async () => {
    await handle(order('a', 10));
    expect(await left()).toBe(0);
  });

  it.each([
    ['there are too few', order('a', 11), 'INSUFFICIENT_STOCK'],
    ['the product is unknown', order('a', 1, 'nothing'), 'NO_SUCH_PRODUCT'],
  ])('records the refusal and sends the compensation when %s', async (_when, refused, reason) => {
    await handle(refused);
    expect(await left()).toBe(10);
    expect(await states()).toEqual([`a REFUSED ${reason}`]);
    expect(published).toEqual([`topic_tx_rollback_msg a ${reason}`]);
  });

  it('decides each of a batch by itself, in the order given, also where products differ in case alone', async () => {
    await handle(order('a', 6), order('b', 5), order('c', 4), order('d', 5, 'P'), order('e', 1, 'P'));
    expect(await states()).toEqual([
      'a DEDUCTED',
      'b REFUSED INSUFFICIENT_STOCK',
      'c DEDUCTED',
      'd DEDUCTED',
      'e REFUSED INSUFFICIENT_STOCK',
    ]);
    expect([await left('p'), await left('P')]).toEqual([0, 0]);
    expect(published).toHaveLength(5);
  });

  it('never lets two batches that run at once give out the same piece', async () => {
    const batch = (name: string): OrderContents[] =>
      Array.from({ length: 8 }, (_, index) => order(`${name}${index}`, 1));
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => handle(...batch(name))));
    const all = await states();
    expect(all.filter((state) => state.endsWith('DEDUCTED'))).toHaveLength(10);
    expect(all).toHaveLength(32);
    expect(await left()).toBe(0);
  });

  it('lets MySQL refuse a count below zero, should ever a statement not ask first', async () => {
    await expect(dataSource.query('UPDATE stock SET total_count = -1')).rejects.toThrow(
      'total_count_not_negative',
    );
  });

  describe('an order that has its row', () => {
    it('is answered as before and deducted no second time', async () => {
      await handle(order('a', 3));
      await handle(order('a', 3));
      expect(await left()).toBe(7);
      expect(published).toEqual(['topic_stock_deducted a', 'topic_stock_deducted a']);
    });

    it('is a conflict with other contents, and its dead letter refuses it', async () => {
      await handle(order('a', 3));
      await expect(handle(order('a', 4))).rejects.toThrow(TxNoConflictError);
      published.length = 0;
      const dead = (manager: EntityManager) =>
        listener.onDeadLetter(order('a', 4), 'TX_NO_CONFLICT', manager);
      await expect(inTransaction(dead)).resolves.toBe('STORE');
      expect(published).toEqual(['topic_tx_rollback_msg a TX_NO_CONFLICT']);
      expect([await left(), await states()]).toEqual([7, ['a DEDUCTED']]);
    });

    it('is no dead letter when it is the same order', async () => {
      await handle(order('a', 3));
      const dead = (manager: EntityManager) =>
        listener.onDeadLetter(order('a', 3), 'TX_NO_CONFLICT', manager);
      await expect(inTransaction(dead)).resolves.toBe('DROP');
    });
  });

  describe('a dead letter that is dismissed', () => {
    const dismiss = (of: OrderContents): Promise<void> =>
      inTransaction((manager) => listener.onDismiss(of, manager));

    it('refuses the order', async () => {
      await dismiss(order('a', 3));
      expect(await states()).toEqual(['a REFUSED DISMISSED']);
      expect(published).toEqual(['topic_tx_rollback_msg a DISMISSED']);
    });

    it('changes nothing about an order that was deducted', async () => {
      await handle(order('a', 3));
      await dismiss(order('a', 3));
      expect(await states()).toEqual(['a DEDUCTED']);
      expect(published).toEqual(['topic_stock_deducted a', 'topic_stock_deducted a']);
    });

    it('refuses an order whose txNo another one holds', async () => {
      await handle(order('a', 3));
      await dismiss(order('a', 4));
      expect(published.at(-1)).toBe('topic_tx_rollback_msg a TX_NO_CONFLICT');
    });
  });

  describe('a cancellation', () => {
    it('gives the pieces back once, however often it comes', async () => {
      await handle(order('a', 3));
      await cancel(order('a', 3));
      await cancel(order('a', 3));
      expect([await left(), await states()]).toEqual([10, ['a RETURNED CANCELLED']]);
    });

    it('that comes first stops the deduction, which is answered with the compensation', async () => {
      await cancel(order('a', 3));
      expect([await left(), await states()]).toEqual([10, ['a RETURNED CANCELLED']]);
      await handle(order('a', 3));
      expect([await left(), await states()]).toEqual([10, ['a RETURNED CANCELLED']]);
      expect(published).toEqual(['topic_tx_rollback_msg a CANCELLED']);
    });

    it('of a refused order gives nothing back', async () => {
      await handle(order('a', 11));
      await cancel(order('a', 11));
      expect([await left(), await states()]).toEqual([10, ['a REFUSED INSUFFICIENT_STOCK']]);
    });

    it('of another order under the same txNo is ignored', async () => {
      await handle(order('a', 3));
      expect(await cancel(order('a', 4))).toEqual([{ ignored: 'OTHER_CONTENTS' }]);
      expect(await left()).toBe(7);
    });

    it('does the same in a batch, where one comes first and another one is ignored', async () => {
      await handle(order('a', 3), order('b', 2), order('c', 1));
      expect(await cancel(order('a', 3), order('b', 9), order('c', 1), order('d', 1))).toEqual([
        undefined,
        { ignored: 'OTHER_CONTENTS' },
        undefined,
        undefined,
      ]);
      expect(await left()).toBe(8);
      expect(await states()).toEqual([
        'a RETURNED CANCELLED',
        'b DEDUCTED',
        'c RETURNED CANCELLED',
        'd RETURNED CANCELLED',
      ]);
    });

    it('decides nothing when its dead letter is dismissed', async () => {
      await expect(cancellations.onDismiss()).resolves.toHaveProperty('ignored');
    });
  });
});
