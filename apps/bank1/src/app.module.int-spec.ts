import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServiceHttp, loadSettings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { Bank1Settings } from './bank1-settings.js';

const DATABASE = 'test_bank1_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;

/** The whole module graph, as main.ts starts it; only the broker is away. */
describe("bank1's AppModule", () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropServiceDatabase(rootUrl, DATABASE);
    const settings = loadSettings(Bank1Settings, {
      MYSQL_URL: await createServiceDatabase(rootUrl, 'bank1', DATABASE),
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      ADMIN_TOKEN: 'the-token',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'bank1');
    // As when a bank starts: a busy machine may let a connection wait for too long.
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
  });

  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });

  it('lives without the broker, and says that it is not ready', async () => {
    expect((await app.inject('/bank1/health/live')).json()).toEqual({ status: 'ok' });
    const ready = await app.inject('/bank1/health/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({
      status: 'error',
      details: { mysql: { status: 'up' }, rocketmq: { status: 'down' } },
    });
  });

  it('shows the seed account, with its balance as text', async () => {
    expect((await app.inject('/bank1/accounts/1')).json()).toEqual({
      accountNo: '1',
      accountName: '张三',
      balance: '10000.00',
      status: 'ACTIVE',
    });
    expect((await app.inject('/bank1/accounts/01')).json()).toMatchObject({
      status: 404,
      code: 'ACCOUNT_NOT_FOUND',
    });
  });

  it('shows an account that another program has inserted without a name', async () => {
    await app
      .get(DataSource)
      .query(
        "INSERT INTO account_info (account_no, account_balance, opening_balance) VALUES ('nameless', 5, 5)",
      );
    expect((await app.inject('/bank1/accounts/nameless')).json()).toEqual({
      accountNo: 'nameless',
      accountName: null,
      balance: '5.00',
      status: 'ACTIVE',
    });
  });

  it('has admin routes for the holder of the token', async () => {
    const headers = { authorization: 'Bearer the-token' };
    const post = (path: string, payload: object) =>
      app.inject({ method: 'POST', url: `/bank1/admin/${path}`, headers, payload });
    expect((await app.inject('/bank1/admin/dead-letters')).statusCode).toBe(401);
    const list = await app.inject({ url: '/bank1/admin/dead-letters', headers });
    expect(list.json()).toEqual({ deadLetters: [], next: null });
    const republish = { by: 'alice', since: '2026-01-31T08:00:00Z' };
    expect((await post('outbox/republish', republish)).json()).toEqual({ republished: 0 });
    const faults = await post('faults', { by: 'alice', rules: [] });
    expect(faults.json()).toMatchObject({ code: 'FAULT_INJECTION_OFF' });
    const reconcile = (payload: object) => post('reconciliation', { by: 'alice', ...payload });
    expect((await reconcile({})).json()).toEqual({ checked: 0, settled: 0, republished: 0, postponed: 0 });
    expect((await reconcile({ txNo: 'nowhere' })).json()).toMatchObject({ code: 'TRANSFER_NOT_FOUND' });
    expect((await reconcile({ txNo: 'a b' })).json()).toMatchObject({ code: 'INVALID_INPUT' });
    expect((await post('reconciliation', {})).json()).toMatchObject({ errors: [{ field: 'by' }] });
  });

  it('knows no transfer yet', async () => {
    expect((await app.inject('/bank1/transfers/t-1')).json()).toMatchObject({
      status: 404,
      code: 'TRANSFER_NOT_FOUND',
    });
  });

  it('answers 503 for a transfer, because nothing was done', async () => {
    const payload = { txNo: 't-1', accountNo: '1', toAccountNo: '2', amount: '1' };
    const response = await app.inject({ method: 'POST', url: '/bank1/transfers', payload });
    expect(response.json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE', txNo: 't-1' });
    expect((await app.inject('/bank1/accounts/1')).json()).toMatchObject({ balance: '10000.00' });
    expect((await app.inject('/bank1/transfers/t-1')).statusCode).toBe(404);
  });

  it('pages through transfers in the order of their txNo', async () => {
    const dataSource = app.get(DataSource);
    for (const txNo of ['b', 'a', 'B', 'c']) {
      await dataSource.query(
        `INSERT INTO outgoing_transfer (tx_no, account_no, to_account_no, amount, state) VALUES (?, '1', '2', 1, ?)`,
        [txNo, txNo === 'c' ? 'COMPLETED' : 'DEBITED'],
      );
    }
    const page = async (query: string): Promise<{ items: { txNo: string }[]; next: string | null }> =>
      (await app.inject(`/bank1/transfers?${query}`)).json();
    expect(await page('limit=3')).toMatchObject({
      items: [{ txNo: 'B' }, { txNo: 'a' }, { txNo: 'b' }],
      next: 'b',
    });
    expect(await page('limit=3&after=b')).toMatchObject({
      items: [{ txNo: 'c', amount: '1.00' }],
      next: null,
    });
    expect((await page('state=DEBITED&after=B')).items.map(({ txNo }) => txNo)).toEqual(['a', 'b']);
  });
});
