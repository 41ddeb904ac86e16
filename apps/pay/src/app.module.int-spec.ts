import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServiceHttp, isSigned, loadSettings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { ConfiguredFaults, FaultInjector, type FaultRule } from 'txmsg/faults';
import { eventually, MysqlProxy } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { openIdleSession } from '../../../libs/txmsg/test/idle-session.js';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { PaySettings } from './pay-settings.js';
import { PAYMENT_FAULT_POINTS } from './payments/payment.fault-points.js';

const DATABASE = 'test_pay_app_module';
const SECRET = 'a-secret-of-this-pair';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;

/** The whole module graph, as main.ts starts it; only the broker is away. */
describe("pay's AppModule", () => {
  let proxy: MysqlProxy;
  let app: NestFastifyApplication;
  /** Past the proxy. */
  let direct: DataSource;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'pay', DATABASE);
    proxy = await MysqlProxy.start(url);
    direct = await new DataSource({ type: 'mysql', url }).initialize();
    const settings = loadSettings(PaySettings, {
      MYSQL_URL: proxy.url,
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      PAY_TIMEOUT_MS: '14000',
      ...PATIENT_SETTINGS,
      PEER_SHARED_SECRET: SECRET,
      ADMIN_TOKEN: 'the-token',
      FAULTS: '[]',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'pay');
    // As when a service starts: a busy machine may let a connection wait for too long.
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    await direct.destroy();
    await proxy.close();
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    await direct.query('DELETE FROM account_pay');
    await direct.query('DELETE FROM local_message');
  });
  afterEach(() => {
    meet();
  });

  const meet = (...rules: FaultRule[]): void => {
    app.get<ConfiguredFaults>(FaultInjector).replace(rules);
  };
  const topUp = (payload: object, key?: string) =>
    app.inject({
      method: 'POST',
      url: '/pay/topups',
      headers: { ...(key !== undefined && { 'idempotency-key': key }) },
      payload,
    });
  const payments = (): Promise<object[]> =>
    direct.query(
      'SELECT id, account_no AS accountNo, pay_amount AS payAmount, result FROM account_pay ORDER BY id',
    );
  const messages = async (): Promise<unknown[]> => {
    const rows = await direct.query<{ topic: string; tx_no: string; body: Buffer }[]>(
      'SELECT topic, tx_no, body FROM local_message ORDER BY tx_no',
    );
    return rows.map(({ topic, tx_no, body }) => [topic, tx_no, JSON.parse(body.toString()) as unknown]);
  };
  /** A payment is stored exactly when the message about it is, and it says the same. */
  const expectAgreement = async (count: number): Promise<void> => {
    const stored = (await payments()) as { id: string }[];
    expect(stored).toHaveLength(count);
    expect(await messages()).toEqual(stored.map((payment) => ['topic_notifymsg', payment.id, payment]));
  };
  const order = { accountNo: '1', amount: '100' };
  const payment = { id: 't-1', accountNo: '1', payAmount: '100.00', result: 'success' };

  it('pays, and stores the message about it in the words of the classic service', async () => {
    const answer = await topUp(order, 't-1');
    expect([answer.statusCode, answer.json()]).toEqual([201, payment]);
    expect(answer.headers.location).toBe('/pay/payresult/t-1');
    expect(await messages()).toEqual([['topic_notifymsg', 't-1', payment]]);
    expect((await app.inject('/pay/payresult/t-1')).json()).toEqual(payment);
  });

  it('signs what it answers about a payment, and that there is none', async () => {
    await topUp(order, 't-1');
    for (const txNo of ['t-1', 't-2']) {
      const nonce = 'ab'.repeat(16);
      const path = `/pay/payresult/${txNo}`;
      const {
        statusCode: status,
        body,
        headers,
      } = await app.inject({
        url: path,
        headers: { 'txmsg-nonce': nonce },
      });
      const signature = String(headers['txmsg-signature']);
      expect(isSigned({ nonce, path, status, body }, signature, SECRET)).toBe(true);
    }
    expect((await app.inject('/pay/payresult/t-2')).json()).toMatchObject({
      status: 404,
      code: 'PAYMENT_NOT_FOUND',
      txNo: 't-2',
    });
  });

  it('records and tells a payment that is too large as a failure', async () => {
    const answer = await topUp({ accountNo: '1', amount: '50000.01' }, 't-1');
    expect([answer.statusCode, answer.json()]).toMatchObject([
      201,
      { result: 'fail', payAmount: '50000.01' },
    ]);
    expect((await topUp({ accountNo: '1', amount: '50000' }, 't-2')).json()).toMatchObject({
      result: 'success',
    });
    await expectAgreement(2);
  });

  it('answers a repeated key with the first result, and other contents under it with 409', async () => {
    await topUp(order, 't-1');
    const again = await topUp({ accountNo: '1', amount: '100.00' }, '"t-1"');
    expect([again.statusCode, again.json()]).toEqual([200, payment]);
    for (const changes of [{ amount: '100.01' }, { accountNo: '2' }]) {
      expect((await topUp({ ...order, ...changes }, 't-1')).json()).toMatchObject({
        status: 409,
        code: 'TX_NO_CONFLICT',
        txNo: 't-1',
      });
    }
    await expectAgreement(1);
  });

  it('pays once whatever many callers with one key say at the same time', async () => {
    const amounts = ['100', '200'];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => topUp({ ...order, amount: amounts[index % 2] }, 'same-key')),
    );
    await expectAgreement(1);
  });

  it.each([
    ['accountNo', { ...order, accountNo: '' }],
    ['amount', { ...order, amount: 100 }],
    ['amount', { ...order, amount: '0' }],
    ['payAmount', { ...order, payAmount: '1' }],
  ])('names the field %s of bad input', async (field, payload) => {
    expect((await topUp(payload, 't-1')).json()).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ field }],
    });
    expect(await payments()).toEqual([]);
  });

  describe('the classic call', () => {
    const paydo = (query: string, headers: Record<string, string> = {}) =>
      app.inject({ url: `/pay/paydo${query}`, headers });

    it('pays', async () => {
      const answer = await paydo('?accountNo=1&payAmount=100&txNo=t-1');
      expect([answer.statusCode, answer.json()]).toEqual([200, payment]);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect((await paydo('?accountNo=1&payAmount=100')).json()).toMatchObject({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        result: 'success',
      });
      await expectAgreement(2);
    });

    it.each(['', '?accountNo=1', '?payAmount=1', '?accountNo=&payAmount=1', '?accountNo=1&payAmount=1e3'])(
      'refuses "%s"',
      async (query) => {
        expect((await paydo(query)).json()).toMatchObject({ status: 400, code: 'INVALID_INPUT' });
      },
    );

    it.each([
      [{ 'sec-purpose': 'prefetch' }, 'REQUEST_REFUSED'],
      [{ 'sec-fetch-site': 'cross-site' }, 'REQUEST_REFUSED'],
      [{ referer: 'http://evil.example/' }, 'REQUEST_REFUSED'],
      [{ host: 'evil.example' }, 'HOST_NOT_ALLOWED'],
    ])('refuses what nobody asked for: %j', async (headers, code) => {
      const answer = await paydo('?accountNo=1&payAmount=100', headers);
      expect(answer.json()).toMatchObject({ status: 403, code });
      expect(await payments()).toEqual([]);
    });

    it('does not pay for HEAD, nor when it is switched off', async () => {
      const url = '/pay/paydo?accountNo=1&payAmount=100';
      expect((await app.inject({ method: 'HEAD', url })).statusCode).toBe(405);
      const settings = app.get(PaySettings);
      Object.assign(settings, { classicGetEnabled: false });
      expect((await app.inject(url)).json()).toMatchObject({ code: 'CLASSIC_CALL_DISABLED' });
      Object.assign(settings, { classicGetEnabled: true });
      expect(await payments()).toEqual([]);
    });
  });

  describe('when something fails on the way', () => {
    const uncommitted = PAYMENT_FAULT_POINTS.filter((point) => !point.endsWith('.committed'));

    it.each([...uncommitted, 'outbox.stored' as const])(
      'at %s before COMMIT: neither payment nor message, and the same key may be used again',
      async (point) => {
        meet({ point, action: 'throw', txNo: 't-1' });
        expect((await topUp(order, 't-1')).json()).toMatchObject({
          status: 503,
          code: 'SERVICE_UNAVAILABLE',
          txNo: 't-1',
        });
        await expectAgreement(0);
        expect((await topUp(order, 't-1')).statusCode).toBe(201);
        await expectAgreement(1);
      },
    );

    it('the answer to COMMIT is lost: the row says that it was done', async () => {
      const played = proxy.at(/^COMMIT/, 'cut-after');
      const answer = await topUp(order, 't-1');
      await played;
      expect(answer.statusCode).toBe(201);
      await expectAgreement(1);
    });

    it('COMMIT itself is lost, and MySQL notices late: the row is waited for, and it says that nothing was done', async () => {
      const played = proxy.at(/^COMMIT/, 'cut-unnoticed');
      const answer = await topUp(order, 't-1');
      await played;
      expect(answer.json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
      await expectAgreement(0);
    });

    it('a payment that is being committed is waited for, and not called unknown', async () => {
      const holder = await openIdleSession(direct);
      await holder.query('START TRANSACTION');
      await holder.query(
        "INSERT INTO account_pay (id, account_no, pay_amount, result) VALUES ('t-1', '1', 100, 'success')",
      );
      try {
        const asking = app.inject('/pay/payresult/t-1');
        const repeating = topUp(order, 't-1');
        expect((await repeating).json()).toEqual({ txNo: 't-1', state: 'UNKNOWN' });
        expect((await asking).statusCode).toBe(503);
        await holder.query('COMMIT');
      } finally {
        await holder.query('ROLLBACK');
        await holder.release();
      }
      expect((await app.inject('/pay/payresult/t-1')).json()).toEqual(payment);
    });

    it('a crash after COMMIT leaves payment and message; the caller repeats', async () => {
      meet({ point: 'service:payment.committed', action: 'throw', txNo: 't-1' });
      expect((await topUp(order, 't-1')).json()).toMatchObject({ status: 500, code: 'INTERNAL_ERROR' });
      expect((await topUp(order, 't-1')).statusCode).toBe(200);
      await expectAgreement(1);
    });
  });
});
