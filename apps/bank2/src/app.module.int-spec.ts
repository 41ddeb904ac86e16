import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BankHttpAdapter, bankApplicationOptions, configureBankHttp, loadSettings } from '@txmsg/bank';
import { DataSource } from 'typeorm';
import { createBankDatabase, dropBankDatabase } from '../../../tools/stack/bank-database.js';
import { AppModule } from './app.module.js';
import { Bank2Settings } from './bank2-settings.js';

const DATABASE = 'test_bank2_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

/** The whole module graph, as main.ts starts it; only the broker is away. */
describe("bank2's AppModule", () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropBankDatabase(rootUrl, DATABASE);
    const settings = loadSettings(Bank2Settings, {
      MYSQL_URL: await createBankDatabase(rootUrl, 'bank2', DATABASE),
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      ADMIN_TOKEN: 'the-token',
    });
    const adapter = new BankHttpAdapter(settings);
    app = await NestFactory.create<NestFastifyApplication>(
      AppModule.forRoot(settings),
      adapter,
      bankApplicationOptions(settings),
    );
    configureBankHttp(app, settings, 'bank2');
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
});
