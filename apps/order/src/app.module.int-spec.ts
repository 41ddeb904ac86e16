import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProblemCode } from '@txmsg/contracts';
import { BoundedRead, createServiceHttp, loadSettings, ProblemException } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { OrderSettings } from './order-settings.js';

const DATABASE = 'test_order_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;

/** The whole module graph, as main.ts starts it; only the broker is away. */
describe("order's AppModule", () => {
  let app: NestFastifyApplication;
  let dataSource: DataSource;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropServiceDatabase(rootUrl, DATABASE);
    const settings = loadSettings(OrderSettings, {
      MYSQL_URL: await createServiceDatabase(rootUrl, 'order', DATABASE),
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      RECONCILE_INTERVAL_MS: '0',
      ADMIN_TOKEN: 'the-token',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'order');
    // As when a service starts: a busy machine may let a connection wait for too long.
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
    dataSource = app.get(DataSource);
  });

  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });

  const post = (url: string, payload?: object, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: `/order/${url}`, headers, ...(payload && { payload }) });
  const insert = (orderNo: string, status = 'PENDING'): Promise<unknown> =>
    dataSource.query(
      'INSERT INTO `order` (order_no, tx_no, product_id, pay_count, status) VALUES (?, ?, ?, 3, ?)',
      [orderNo, `t-${orderNo}`, '1', status],
    );
  const cancellations = async (): Promise<unknown[]> =>
    (await dataSource.query<{ body: Buffer }[]>('SELECT body FROM local_message')).map(({ body }): unknown =>
      JSON.parse(body.toString()),
    );

  it('describes its routes on its OpenAPI page', async () => {
    expect((await app.inject('/order/docs')).headers['content-type']).toContain('text/html');
    const { paths } = (await app.inject('/order/docs-json')).json<{ paths: object }>();
    const own = [
      '/orders',
      '/orders/{orderNo}',
      '/orders/{orderNo}/cancel',
      '/submitOrder',
      '/admin/reconciliation',
    ];
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(own.map((path) => `/order${path}`)));
  });

  it('lives without the broker, and says that it is not ready', async () => {
    expect((await app.inject('/order/health/live')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/order/health/ready')).json()).toMatchObject({
      details: { mysql: { status: 'up' }, rocketmq: { status: 'down' } },
    });
  });

  it('answers 503 for an order, because nothing was done', async () => {
    const key = { 'idempotency-key': 't-1' };
    const answer = await post('orders', { productId: '1', payCount: 1 }, key);
    expect(answer.json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE', txNo: 't-1' });
    expect((await app.inject('/order/orders')).json()).toEqual({ items: [], next: null });
  });

  it.each([0, -1, 1.5, 1e9, '3', null, [1], true])(
    'refuses %j pieces, whichever call it is',
    async (payCount) => {
      for (const url of ['orders', 'submitOrder']) {
        const answer = await post(url, { productId: '1', payCount });
        expect(answer.json()).toMatchObject({
          status: 400,
          errors: [{ field: 'payCount', rule: expect.stringContaining('whole number from 1 to 1000000') }],
        });
      }
    },
  );

  it.each(['', 'a b', null, 1.5, 2 ** 53])('refuses the product %j', async (productId) => {
    const answer = await post('orders', { productId, payCount: 1 });
    expect(answer.json()).toMatchObject({ status: 400, errors: [{ field: 'productId' }] });
  });

  it('pages through orders in the order of their orderNo', async () => {
    for (const orderNo of ['b', 'a', 'B']) await insert(orderNo, orderNo === 'B' ? 'CONFIRMED' : 'PENDING');
    const page = async (query: string): Promise<{ items: { orderNo: string }[]; next: string | null }> =>
      (await app.inject(`/order/orders?${query}`)).json();
    expect(await page('limit=2')).toMatchObject({
      items: [{ orderNo: 'B', payCount: 3 }, { orderNo: 'a' }],
      next: 'a',
    });
    expect(await page('limit=2&after=a')).toMatchObject({ items: [{ orderNo: 'b' }], next: null });
    expect((await page('status=PENDING')).items.map(({ orderNo }) => orderNo)).toEqual(['a', 'b']);
    expect((await app.inject('/order/orders?status=LOST')).json()).toMatchObject({
      errors: [{ field: 'status' }],
    });
  });

  describe('a cancellation', () => {
    it.each(['PENDING', 'CONFIRMED'])('of a %s order tells stock, once', async (status) => {
      await dataSource.query('DELETE FROM local_message');
      const orderNo = `cancel-${status}`;
      await insert(orderNo, status);
      const answer = await post(`orders/${orderNo}/cancel`);
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toMatchObject({ orderNo, status: 'CANCELLED', reason: 'CANCELLED' });
      expect((await post(`orders/${orderNo}/cancel`)).json()).toEqual(answer.json());
      expect(await cancellations()).toEqual([{ txNo: `t-${orderNo}`, orderNo, productId: '1', payCount: 3 }]);
    });

    it('of an order that stock has refused changes nothing', async () => {
      await dataSource.query('DELETE FROM local_message');
      await insert('refused', 'CANCELLED');
      expect((await post('orders/refused/cancel')).json()).toMatchObject({ reason: null });
      expect(await cancellations()).toEqual([]);
    });

    it('shows the order when nothing can be read any more after the COMMIT', async () => {
      await insert('unread');
      const away = new ProblemException(ProblemCode.SERVICE_UNAVAILABLE, 'away');
      const reads = jest.spyOn(app.get(BoundedRead), 'run').mockRejectedValue(away);
      try {
        const first = await post('orders/unread/cancel');
        expect(first.statusCode).toBe(200);
        expect(first.json()).toMatchObject({ orderNo: 'unread', status: 'CANCELLED', reason: 'CANCELLED' });
        expect((await post('orders/unread/cancel')).json()).toEqual(first.json());
      } finally {
        reads.mockRestore();
      }
    });

    it('of no order is answered 404', async () => {
      expect((await post('orders/nothing/cancel')).json()).toMatchObject({ code: 'ORDER_NOT_FOUND' });
    });
  });

  it('has reconciliation for the holder of the token', async () => {
    expect((await post('admin/reconciliation', { by: 'alice' })).statusCode).toBe(401);
    const headers = { authorization: 'Bearer the-token' };
    const one = await post('admin/reconciliation', { by: 'alice', txNo: 'nothing' }, headers);
    expect(one.json()).toMatchObject({ code: 'ORDER_NOT_FOUND' });
  });
});
