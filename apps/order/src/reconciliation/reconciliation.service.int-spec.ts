import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { OrderContents } from '@txmsg/contracts';
import { DatabaseTransactions, type ResendGuard, type TransactionTemplate } from 'txmsg';
import type { DataSource } from 'typeorm';
import { newServiceDataSource } from '../../../../libs/service/src/provisioning/service-data-source.fixture.js';
import type { OrderSettings } from '../order-settings.js';
import type { OrderCancellation } from '../orders/order-cancellation.js';
import { OrderEntity } from '../orders/order.entity.js';
import { OrderLedger } from '../orders/order.ledger.js';
import { DueOrders } from './due-orders.js';
import { ReconciliationService } from './reconciliation.service.js';
import { StockClient } from './stock.client.js';

const DATABASE = 'test_order_reconciliation';
const MINUTE_MS = 60_000;

/** Real MySQL; stock is a server that answers as a test says, and what would be sent is written down. */
describe('ReconciliationService', () => {
  let stock: Server;
  let answer: { status: number; body: unknown };
  /** What happens at order while stock answers. */
  let meanwhile: () => Promise<void>;
  let dataSource: DataSource;
  let service: ReconciliationService;
  const sent: unknown[] = [];

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    stock = createServer((_request, response) => {
      void meanwhile().then(() => {
        response
          .writeHead(answer.status, { 'content-type': 'application/json' })
          .end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((resolve) => stock.listen(0, '127.0.0.1', resolve));
    dataSource = await newServiceDataSource('order', DATABASE, [OrderEntity]);
    const settings = {
      stockUrl: `http://127.0.0.1:${(stock.address() as AddressInfo).port}`,
      reconcileAfterMs: MINUTE_MS,
    } as OrderSettings;
    const transactions = new DatabaseTransactions(dataSource);
    const template = {
      resendMessageInTransaction: async (
        _topic: string,
        payload: unknown,
        { guard }: { guard: ResendGuard },
      ) => {
        const agreed = await dataSource.transaction((manager) => guard(manager));
        if (agreed) sent.push(payload);
        return { state: agreed ? 'COMMITTED' : 'ROLLED_BACK' };
      },
    } as unknown as TransactionTemplate;
    const cancellation = {
      repeat: ({ orderNo }: OrderContents) => {
        sent.push(`cancellation of ${orderNo}`);
        return Promise.resolve();
      },
    } as OrderCancellation;
    service = new ReconciliationService(
      new DueOrders(transactions, settings),
      new StockClient(settings),
      new OrderLedger(settings),
      cancellation,
      template,
      transactions,
      { at: () => Promise.resolve() },
    );
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await dataSource.destroy();
    await new Promise((resolve) => stock.close(resolve));
  });

  const order = { txNo: 't', orderNo: 'o', productId: 'p', payCount: 3 };
  const decided = (state: string, reason: string | null = null, changes: object = {}): void => {
    answer = { status: 200, body: { ...order, state, reason, ...changes } };
  };
  const unknown = (): void => {
    answer = { status: 404, body: { code: 'DEDUCTION_NOT_FOUND', txNo: 't' } };
  };
  const insert = async (status: string, reason: string | null = null): Promise<void> => {
    await dataSource.query(
      `INSERT INTO \`order\` (order_no, tx_no, product_id, pay_count, status, reason, next_check_at)
       VALUES ('o', 't', 'p', 3, ?, ?, UTC_TIMESTAMP(3))`,
      [status, reason],
    );
  };
  /** Status, reason, and whether stock is to be asked again. */
  const state = async (): Promise<string> => {
    const [row] = await dataSource.query<{ status: string; reason: string | null; asked: unknown }[]>(
      'SELECT status, reason, next_check_at IS NOT NULL AS asked FROM `order`',
    );
    return `${row?.status ?? ''} ${row?.reason ?? '-'}${Number(row?.asked) === 1 ? ' asked again' : ''}`;
  };

  beforeEach(async () => {
    sent.length = 0;
    meanwhile = () => Promise.resolve();
    await dataSource.query('DELETE FROM `order`');
  });

  it.each([
    ['PENDING', 'DEDUCTED', null, 'CONFIRMED -'],
    ['PENDING', 'REFUSED', 'INSUFFICIENT_STOCK', 'CANCELLED INSUFFICIENT_STOCK'],
    ['PENDING', 'RETURNED', 'CANCELLED', 'CANCELLED CANCELLED'],
    ['CONFIRMED', 'DEDUCTED', null, 'CONFIRMED -'],
    ['CONFIRMED', 'REFUSED', 'NO_SUCH_PRODUCT', 'CANCELLED NO_SUCH_PRODUCT'],
    ['CONFIRMED', 'RETURNED', 'CANCELLED', 'CANCELLED CANCELLED'],
    ['CANCELLED', 'REFUSED', 'INSUFFICIENT_STOCK', 'CANCELLED INSUFFICIENT_STOCK'],
    ['CANCELLED', 'RETURNED', 'CANCELLED', 'CANCELLED CANCELLED'],
  ])('ends a %s order that stock has %s', async (status, at, reason, after) => {
    await insert(status);
    decided(at, reason);
    await expect(service.reconcile()).resolves.toMatchObject({ checked: 1, settled: 1 });
    expect(await state()).toBe(after);
    expect(sent).toEqual([]);
  });

  it('keeps the reason for which an order was cancelled first', async () => {
    await insert('CANCELLED', 'CANCELLED');
    decided('REFUSED', 'INSUFFICIENT_STOCK');
    await service.reconcile();
    expect(await state()).toBe('CANCELLED CANCELLED');
  });

  it.each([
    [
      'has the pieces deducted',
      () => {
        decided('DEDUCTED');
      },
    ],
    ['has not heard of it', unknown],
  ])('sends a cancellation again when stock %s', async (_when, prepare) => {
    await insert('CANCELLED', 'CANCELLED');
    prepare();
    await expect(service.reconcile()).resolves.toMatchObject({ republished: 1 });
    expect(sent).toEqual(['cancellation of o']);
    expect(await state()).toBe('CANCELLED CANCELLED asked again');
  });

  it.each(['PENDING', 'CONFIRMED'])('sends a %s order again that stock does not know', async (status) => {
    await insert(status);
    unknown();
    await expect(service.reconcile()).resolves.toMatchObject({ republished: 1 });
    await expect(service.reconcile()).resolves.toMatchObject({ checked: 0 });
    expect(sent).toEqual([order]);
    expect(await state()).toBe(`${status} - asked again`);
  });

  it('cancels an order when stock has another one under its txNo', async () => {
    await insert('PENDING');
    decided('DEDUCTED', null, { payCount: 4 });
    await service.reconcile();
    expect(await state()).toBe('CANCELLED TX_NO_CONFLICT');
  });

  it('does not confirm an order that is cancelled while stock is asked', async () => {
    await insert('PENDING');
    decided('DEDUCTED');
    meanwhile = async () => {
      await dataSource.query("UPDATE `order` SET status = 'CANCELLED', reason = 'CANCELLED'");
    };
    await service.reconcile();
    expect(await state()).toBe('CANCELLED CANCELLED asked again');
  });

  it.each([
    ["a stranger's 404", 404, { message: 'not found' }],
    ['a 404 about another order', 404, { code: 'DEDUCTION_NOT_FOUND', txNo: 'other' }],
    ['an error', 500, {}],
    ['a document about another txNo', 200, { ...order, txNo: 'x', state: 'DEDUCTED', reason: null }],
    ['a state that does not exist', 200, { ...order, state: 'MAYBE', reason: null }],
    ['nothing that is JSON', 200, undefined],
  ])('decides nothing by %s', async (_label, status, body) => {
    await insert('PENDING');
    answer = { status, body };
    await expect(service.reconcile()).resolves.toMatchObject({ checked: 1, postponed: 1 });
    expect([await state(), sent]).toEqual(['PENDING - asked again', []]);
  });

  it('asks again after pauses that double', async () => {
    await insert('PENDING');
    answer = { status: 500, body: {} };
    const minutes: number[] = [];
    for (let round = 0; round < 3; round++) {
      await service.reconcileOne('t');
      const [row] = await dataSource.query<{ seconds: unknown }[]>(
        'SELECT TIMESTAMPDIFF(MICROSECOND, update_time, next_check_at) / 1000000 AS seconds FROM `order`',
      );
      minutes.push(Math.round(Number(row?.seconds) / 60));
    }
    expect(minutes).toEqual([1, 2, 4]);
  });

  it('looks nothing up about which nothing is to be learnt', async () => {
    await insert('CONFIRMED');
    await dataSource.query('UPDATE `order` SET next_check_at = NULL');
    unknown();
    await expect(service.reconcile()).resolves.toMatchObject({ checked: 0 });
    await expect(service.reconcileOne('t')).resolves.toMatchObject({ checked: 0 });
    await expect(service.reconcileOne('nothing')).resolves.toBeUndefined();
  });
});
