import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServiceHttp, loadSettings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { StockSettings } from './stock-settings.js';

const DATABASE = 'test_stock_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;

/** The whole module graph, as main.ts starts it; only the broker is away. */
describe("stock's AppModule", () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropServiceDatabase(rootUrl, DATABASE);
    const settings = loadSettings(StockSettings, {
      MYSQL_URL: await createServiceDatabase(rootUrl, 'stock', DATABASE),
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      ADMIN_TOKEN: 'the-token',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'stock');
    // As when a service starts: a busy machine may let a connection wait for too long.
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
  });

  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });

  const post = (payload: object, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/stock/products',
      headers: { authorization: 'Bearer the-token', ...headers },
      payload: { by: 'alice', ...payload },
    });

  it('describes its routes on its OpenAPI page', async () => {
    expect((await app.inject('/stock/docs')).headers['content-type']).toContain('text/html');
    const { paths } = (await app.inject('/stock/docs-json')).json<{ paths: object }>();
    const own = ['/products', '/products/{productId}', '/deductions/{txNo}'];
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(own.map((path) => `/stock${path}`)));
  });

  it('lives without the broker, and says that it is not ready', async () => {
    expect((await app.inject('/stock/health/live')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/stock/health/ready')).json()).toMatchObject({
      details: { mysql: { status: 'up' }, rocketmq: { status: 'down' } },
    });
  });

  it('shows the seed product, and knows no other', async () => {
    expect((await app.inject('/stock/products/1')).json()).toEqual({
      productId: '1',
      totalCount: 100,
      openingCount: 100,
    });
    expect((await app.inject('/stock/products/2')).json()).toMatchObject({
      status: 404,
      code: 'PRODUCT_NOT_FOUND',
    });
  });

  it('brings pieces in for the holder of the token alone', async () => {
    const anonymous = await app.inject({ method: 'POST', url: '/stock/products', payload: {} });
    expect(anonymous.statusCode).toBe(401);
    const first = await post({ productId: 'p-1', count: 5 });
    expect(first.statusCode).toBe(201);
    expect(first.headers.location).toBe('/stock/products/p-1');
    expect(first.json()).toEqual({ productId: 'p-1', totalCount: 5, openingCount: 5 });
    expect((await post({ productId: 'p-1', count: 3 })).json()).toEqual({
      productId: 'p-1',
      totalCount: 8,
      openingCount: 8,
    });
  });

  it('adds once under one key, and refuses other pieces under it', async () => {
    const key = { 'idempotency-key': 'intake-1' };
    expect((await post({ productId: 'p-2', count: 5 }, key)).statusCode).toBe(201);
    const repeated = await post({ productId: 'p-2', count: 5 }, key);
    expect(repeated.statusCode).toBe(200);
    expect(repeated.json()).toMatchObject({ totalCount: 5 });
    expect((await post({ productId: 'p-2', count: 6 }, key)).json()).toMatchObject({
      status: 409,
      code: 'TX_NO_CONFLICT',
    });
    expect((await app.inject('/stock/products/p-2')).json()).toMatchObject({ totalCount: 5 });
  });

  it('takes a number for the id of a product, unless JavaScript has lost its digits', async () => {
    expect((await post({ productId: 7, count: 1 })).json()).toMatchObject({ productId: '7' });
    const wrong = await post({ productId: 2 ** 53, count: 1 });
    expect(wrong.json()).toMatchObject({ status: 400, errors: [{ field: 'productId' }] });
  });

  it.each([-1, 1.5, 1e10, '5', null])('refuses %s pieces', async (count) => {
    expect((await post({ productId: 'p-3', count })).json()).toMatchObject({
      status: 400,
      errors: [{ field: 'count', rule: expect.stringContaining('whole number') }],
    });
  });

  it('shows what was decided about an order', async () => {
    expect((await app.inject('/stock/deductions/t-1')).json()).toMatchObject({
      status: 404,
      code: 'DEDUCTION_NOT_FOUND',
      txNo: 't-1',
    });
    await app.get(DataSource).query(
      `INSERT INTO stock_deduction (tx_no, order_no, product_id, pay_count, state, reason)
       VALUES ('t-1', 'o-1', '1', 3, 'REFUSED', 'INSUFFICIENT_STOCK')`,
    );
    expect((await app.inject('/stock/deductions/t-1')).json()).toEqual({
      txNo: 't-1',
      state: 'REFUSED',
      orderNo: 'o-1',
      productId: '1',
      payCount: 3,
      reason: 'INSUFFICIENT_STOCK',
      createTime: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });
});
