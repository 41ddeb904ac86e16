import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServiceHttp, loadSettings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { Bank2Settings } from './bank2-settings.js';

const DATABASE = 'test_bank2_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;

/** The whole module graph, as main.ts starts it; only the broker is away. */
describe("bank2's AppModule", () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropServiceDatabase(rootUrl, DATABASE);
    const settings = loadSettings(Bank2Settings, {
      MYSQL_URL: await createServiceDatabase(rootUrl, 'bank2', DATABASE),
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      ADMIN_TOKEN: 'the-token',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'bank2');
    // As when a bank starts: a busy machine may let a connection wait for too long.
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
  });

  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });

  it('lives without the broker, and says that it is not ready', async () => {
    expect((await app.inject('/bank2/health/live')).json()).toEqual({ status: 'ok' });
    const ready = await app.inject('/bank2/health/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({
      status: 'error',
      details: { mysql: { status: 'up' }, rocketmq: { status: 'down' } },
    });
  });

  it('shows the seed account, with its balance as text', async () => {
    expect((await app.inject('/bank2/accounts/2')).json()).toEqual({
      accountNo: '2',
      accountName: '李四',
      balance: '0.00',
      status: 'ACTIVE',
    });
    expect((await app.inject('/bank2/accounts/02')).json()).toMatchObject({
      status: 404,
      code: 'ACCOUNT_NOT_FOUND',
    });
  });

  it('has admin routes for the holder of the token', async () => {
    const headers = { authorization: 'Bearer the-token' };
    const post = (path: string, payload: object) =>
      app.inject({ method: 'POST', url: `/bank2/admin/${path}`, headers, payload });
    expect((await app.inject('/bank2/admin/dead-letters')).statusCode).toBe(401);
    const list = await app.inject({ url: '/bank2/admin/dead-letters', headers });
    expect(list.json()).toEqual({ deadLetters: [], next: null });
    const republish = { by: 'alice', since: '2026-01-31T08:00:00Z' };
    expect((await post('outbox/republish', republish)).json()).toEqual({ republished: 0 });
    const faults = await post('faults', { by: 'alice', rules: [] });
    expect(faults.json()).toMatchObject({ code: 'FAULT_INJECTION_OFF' });
  });

  it('knows no transfer yet', async () => {
    expect((await app.inject('/bank2/transfers/t-1')).json()).toMatchObject({
      status: 404,
      code: 'TRANSFER_NOT_FOUND',
    });
  });

  it('shows what it did with a transfer', async () => {
    await app.get(DataSource).query(
      `INSERT INTO incoming_transfer (tx_no, account_no, to_account_no, amount, state, reason)
       VALUES ('t-2', '1', '2', 5, 'REJECTED', 'ACCOUNT_FROZEN')`,
    );
    expect((await app.inject('/bank2/transfers/t-2')).json()).toEqual({
      txNo: 't-2',
      state: 'REJECTED',
      accountNo: '1',
      toAccountNo: '2',
      amount: '5.00',
      reason: 'ACCOUNT_FROZEN',
      createTime: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  describe('shows its books to the holder of the token', () => {
    const headers = { authorization: 'Bearer the-token' };

    it('in one snapshot, with an end that says how many there were', async () => {
      expect((await app.inject('/bank2/admin/books')).statusCode).toBe(401);
      const response = await app.inject({ url: '/bank2/admin/books', headers });
      expect(response.headers['content-type']).toBe('application/x-ndjson');
      expect(response.body.trimEnd().split('\n')).toEqual([
        '{"books":"bank2"}',
        '{"accounts":{"opening":"0.00","balance":"0.00","wrongCount":0,"wrong":[]}}',
        '["t-2","1","2","5.00","REJECTED"]',
        '{"end":1}',
      ]);
    });

    // The last test of this file: it ends the application.
    it('and a shutdown does not wait for a reader that takes its time', async () => {
      // More than the sockets hold.
      await app.get(DataSource).query(
        `INSERT INTO incoming_transfer (tx_no, account_no, to_account_no, amount, state)
         SELECT CONCAT(REPEAT('t', 56), LPAD(a.n * 256 + b.n, 6, '0')), REPEAT('1', 64), REPEAT('2', 64), 5, 'REJECTED'
         FROM (${numbers()}) a CROSS JOIN (${numbers()}) b`,
      );
      await app.listen(0);
      const response = await fetch(`${await app.getUrl()}/bank2/admin/books`, { headers });
      const reader = response.body?.getReader();
      await reader?.read();
      await app.close();
      const rest = async (): Promise<void> => {
        while ((await reader?.read())?.done === false);
      };
      await expect(rest()).rejects.toThrow();
    });

    const numbers = (): string =>
      Array.from({ length: 256 }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ');
  });
});
