import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { TopUpResultMessage } from '@txmsg/contracts';
import { createServiceHttp, loadSettings } from '@txmsg/service';
import { createServiceDatabase, databaseUrl, dropServiceDatabase } from '@txmsg/service/provisioning';
import { TxNoConflictError, type DeadLetterReason, type Ignored } from 'txmsg';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from '../app.module.js';
import { Bank1Settings } from '../bank1-settings.js';
import { PayClient } from './pay.client.js';
import { TopUpResultListener } from './top-up-result.listener.js';

const DATABASE = 'test_bank1_top_ups';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;
const HOUR_MS = 3_600_000;
const ADMIN = { authorization: 'Bearer the-token' };

/** The body of a message. */
type Body = { readonly [Field in keyof TopUpResultMessage]: TopUpResultMessage[Field] };

interface Row {
  readonly state: string;
  readonly reason: string | null;
  readonly contradiction: string | null;
  readonly asked: number;
}

/** The whole of bank1 over real MySQL; pay is a server that answers as a test says, and the broker is away. */
describe('top-ups', () => {
  let pay: Server;
  let said: { status: number; body: object };
  let app: NestFastifyApplication;
  let db: DataSource;
  let listener: TopUpResultListener;

  const environment = (): Record<string, string> => ({
    MYSQL_URL: databaseUrl(rootUrl, DATABASE),
    ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
    LOG_LEVEL: 'fatal',
    ADMIN_TOKEN: 'the-token',
    ...PATIENT_SETTINGS,
    RECONCILE_INTERVAL_MS: '0',
  });
  const start = async (own: Record<string, string>): Promise<NestFastifyApplication> => {
    const settings = loadSettings(Bank1Settings, { ...environment(), ...own });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'bank1');
    const started = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await started.init();
    return started;
  };

  beforeAll(async () => {
    for (const level of ['log', 'warn'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    pay = createServer((_request, response) => {
      response.writeHead(said.status).end(JSON.stringify(said.body));
    });
    await new Promise<void>((resolve) => pay.listen(0, '127.0.0.1', resolve));
    await dropServiceDatabase(rootUrl, DATABASE);
    await createServiceDatabase(rootUrl, 'bank1', DATABASE);
    app = await start({
      PAY_URL: `http://127.0.0.1:${(pay.address() as AddressInfo).port}`,
      TOP_UP_LADDER_MS: `${HOUR_MS},${2 * HOUR_MS}`,
    });
    db = app.get(DataSource);
    listener = app.get(TopUpResultListener);
  });
  afterAll(async () => {
    await app.close();
    pay.closeAllConnections();
    await new Promise((resolve) => pay.close(resolve));
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    await db.query('DELETE FROM top_up');
    await db.query('DELETE FROM outgoing_transfer');
    await db.query("UPDATE account_info SET account_balance = 10000, status = 'ACTIVE'");
    said = { status: 500, body: {} };
  });

  const message = (changes: Partial<Body> = {}): Body => {
    return { id: 't-1', accountNo: '1', payAmount: '100.00', result: 'success', ...changes };
  };
  /** As the library does it: an ignored message is rolled back. */
  const receive = async (changes: Partial<Body> = {}): Promise<Ignored | undefined> => {
    let ignored: Ignored | undefined;
    await db
      .transaction('READ COMMITTED', async (manager) => {
        ignored = await listener.onMessage(message(changes), manager);
        if (ignored !== undefined) throw new Error('rolled back');
      })
      .catch((error: unknown) => {
        if (ignored === undefined) throw error;
      });
    return ignored;
  };
  const bury = (reason: DeadLetterReason, changes: Partial<Body> = {}) =>
    db.transaction((manager) => listener.onDeadLetter(message(changes), reason, manager));
  const expectTopUp = (changes: object = {}) =>
    app.inject({
      method: 'POST',
      url: '/bank1/topups',
      payload: { txNo: 't-1', accountNo: '1', amount: '100', ...changes },
    });
  const ask = (headers: Record<string, string> = {}) => app.inject({ url: '/bank1/payresult/t-1', headers });
  const paid = (changes: Partial<Body> | { result: string } = {}): void => {
    said = { status: 200, body: { ...message(), ...changes } };
  };
  const unknownToPay = (): void => {
    said = { status: 404, body: { code: 'PAYMENT_NOT_FOUND', txNo: 't-1' } };
  };
  const reconcile = async (payload: object = {}): Promise<object> =>
    (
      await app.inject({
        method: 'POST',
        url: '/bank1/admin/top-ups/reconciliation',
        headers: ADMIN,
        payload: { by: 'tester', ...payload },
      })
    ).json();
  const row = async (): Promise<Row | undefined> =>
    (await db.query<Row[]>("SELECT state, reason, contradiction, asked FROM top_up WHERE tx_no = 't-1'"))[0];
  const balance = async (): Promise<string | undefined> => {
    const sql = "SELECT account_balance AS balance FROM account_info WHERE account_no = '1'";
    return (await db.query<{ balance: string }[]>(sql))[0]?.balance;
  };
  const makeDue = (): Promise<unknown> =>
    db.query('UPDATE top_up SET next_check_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND');
  const hoursUntilDue = async (): Promise<number> => {
    const sql = 'SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), next_check_at) AS s FROM top_up';
    return Math.round(Number((await db.query<{ s: number }[]>(sql))[0]?.s) / 3600);
  };

  describe('by message', () => {
    it('credits once, although the barrier has forgotten the first delivery', async () => {
      await receive();
      await receive();
      expect([(await row())?.state, await balance()]).toEqual(['CREDITED', '10100.00']);
    });

    it('credits once when deliveries and answers come at the same time', async () => {
      paid();
      await Promise.all([receive(), ask(), receive(), ask(), ask(), receive()]);
      expect([(await row())?.state, await balance()]).toEqual(['CREDITED', '10100.00']);
    });

    it('credits what was expected, and records that it was not paid', async () => {
      await expectTopUp();
      await receive();
      expect([(await row())?.state, await balance()]).toEqual(['CREDITED', '10100.00']);
      await expectTopUp({ txNo: 't-2' });
      await receive({ id: 't-2', result: 'fail' });
      const failed = await app.inject('/bank1/topups/t-2');
      expect([failed.json(), await balance()]).toMatchObject([{ state: 'FAILED' }, '10100.00']);
    });

    it.each([
      ['for an account that is not here', { accountNo: 'nobody' }],
      ['of a failure that nobody expected otherwise', { result: 'fail' as const }],
    ])('ignores one %s, which leaves nothing in the way of the genuine one', async (_what, changes) => {
      expect(await receive(changes)).toEqual({ ignored: expect.any(String) });
      expect(await row()).toBeUndefined();
      await receive();
      expect(await balance()).toBe('10100.00');
    });

    it('records that a frozen account refuses it, which the next answer of pay may credit', async () => {
      await db.query("UPDATE account_info SET status = 'FROZEN'");
      expect(await receive()).toBeUndefined();
      expect([await row(), await balance()]).toMatchObject([
        { state: 'REFUSED', reason: 'ACCOUNT_FROZEN' },
        '10000.00',
      ]);
      await db.query("UPDATE account_info SET status = 'ACTIVE'");
      await receive();
      expect(await balance()).toBe('10000.00');
      paid();
      expect((await ask()).json()).toMatchObject({ state: 'CREDITED', reason: null });
      expect([await row(), await balance()]).toMatchObject([{ state: 'CREDITED', reason: null }, '10100.00']);
    });

    it('leaves room in the account for what is in flight, and may come back', async () => {
      const full = '99999999999999899.99';
      await db.query('UPDATE account_info SET account_balance = CAST(? AS DECIMAL(19,2))', [full]);
      await db.query(
        "INSERT INTO outgoing_transfer (tx_no, account_no, to_account_no, amount) VALUES ('o-1', '1', '2', 100)",
      );
      await receive({ payAmount: '0.01' });
      expect([await row(), await balance()]).toMatchObject([
        { state: 'REFUSED', reason: 'BALANCE_OVERFLOW' },
        full,
      ]);
      await db.query("UPDATE outgoing_transfer SET state = 'COMPLETED'");
      paid({ payAmount: '0.01' });
      await ask();
      expect([(await row())?.state, await balance()]).toEqual(['CREDITED', '99999999999999900.00']);
    });

    it.each([{ payAmount: '150.00' }, { accountNo: '2' }])(
      'with other contents than expected is a dead letter and credits nothing: %j',
      async (changes) => {
        await expectTopUp();
        await expect(receive(changes)).rejects.toBeInstanceOf(TxNoConflictError);
        await expect(bury('TX_NO_CONFLICT', changes)).resolves.toBe('STORE');
        expect([await row(), await balance()]).toMatchObject([
          { state: 'EXPECTED', contradiction: expect.stringContaining('a message said success') },
          '10000.00',
        ]);
        // The genuine one is not harmed.
        await receive();
        expect([(await row())?.state, await balance()]).toEqual(['CREDITED', '10100.00']);
      },
    );

    it('that contradicts what was credited changes nothing but the note', async () => {
      await receive();
      for (const changes of [{ payAmount: '150.00' }, { result: 'fail' as const }]) {
        await expect(receive(changes)).rejects.toBeInstanceOf(TxNoConflictError);
        await expect(bury('TX_NO_CONFLICT', changes)).resolves.toBe('STORE');
      }
      expect([await row(), await balance()]).toMatchObject([
        { state: 'CREDITED', contradiction: 'a message said success: 150.00 for 1' },
        '10100.00',
      ]);
    });

    it('after a failure is not believed: pay is asked', async () => {
      await expectTopUp();
      await receive({ result: 'fail' });
      await expect(receive()).rejects.toBeInstanceOf(TxNoConflictError);
      await bury('TX_NO_CONFLICT');
      expect((await row())?.state).toBe('EXPECTED');
      paid();
      expect(await reconcile()).toMatchObject({ checked: 1, settled: 1 });
      expect([(await row())?.state, await balance()]).toEqual(['CREDITED', '10100.00']);
    });

    it('that is too old needs nobody when its top-up is credited, and a person or pay otherwise', async () => {
      await expectTopUp();
      await expect(bury('EXPIRED')).resolves.toBe('STORE');
      expect(await hoursUntilDue()).toBe(0);
      await receive();
      await expect(bury('EXPIRED')).resolves.toBe('DROP');
      await expect(bury('EXPIRED', { id: 't-9', result: 'fail' })).resolves.toBe('DROP');
      await expect(bury('EXPIRED', { id: 't-9' })).resolves.toBe('STORE');
    });

    it('that is dismissed ends nothing', async () => {
      await expectTopUp();
      const dismissed = db.transaction((manager) => listener.onDismiss(message(), manager));
      await expect(dismissed).resolves.toEqual({ ignored: expect.any(String) });
      expect([(await row())?.state, await hoursUntilDue(), await balance()]).toEqual([
        'EXPECTED',
        0,
        '10000.00',
      ]);
    });
  });

  describe('by asking', () => {
    it('says what pay said, and credits once', async () => {
      paid();
      for (let times = 0; times < 2; times++) {
        const answer = await ask();
        expect(answer.json()).toEqual({ ...message(), state: 'CREDITED', reason: null });
        expect(answer.headers['cache-control']).toBe('no-store');
      }
      expect(await balance()).toBe('10100.00');
    });

    it('credits nothing while pay says anything but success', async () => {
      paid({ result: 'processing' });
      expect((await ask()).json()).toEqual({ ...message(), result: 'processing', state: null, reason: null });
      unknownToPay();
      expect((await ask()).json()).toMatchObject({ status: 404, code: 'PAYMENT_NOT_FOUND', txNo: 't-1' });
      said = { status: 404, body: { message: 'a proxy' } };
      expect((await ask()).json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE', txNo: 't-1' });
      paid({ result: 'fail' });
      expect((await ask()).json()).toMatchObject({ result: 'fail', state: null });
      expect([await row(), await balance()]).toEqual([undefined, '10000.00']);
    });

    it('ends by pay what was expected otherwise: nothing is credited, and the audit is told', async () => {
      await expectTopUp();
      paid({ payAmount: '150.00' });
      expect((await ask()).json()).toMatchObject({
        payAmount: '150.00',
        state: 'REFUSED',
        reason: 'OTHER_CONTENTS',
      });
      expect([await row(), await balance()]).toMatchObject([
        { state: 'REFUSED', contradiction: 'pay answered success: 150.00 for 1' },
        '10000.00',
      ]);
    });

    it('never credits another amount beside the one that was credited', async () => {
      await receive();
      paid({ payAmount: '150.00' });
      expect((await ask()).json()).toMatchObject({ state: 'CREDITED', reason: 'OTHER_CONTENTS' });
      expect(await balance()).toBe('10100.00');
      expect((await row())?.contradiction).toContain('150.00');
    });

    it.each([
      { 'sec-purpose': 'prefetch' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'http://evil.example' },
    ])('is refused where a transfer by GET is: %j', async (headers) => {
      paid();
      expect((await ask(headers)).json()).toMatchObject({ status: 403, code: 'REQUEST_REFUSED' });
      expect((await app.inject({ method: 'HEAD', url: '/bank1/payresult/t-1' })).statusCode).toBe(405);
      expect(await balance()).toBe('10000.00');
    });
  });

  describe('that are expected', () => {
    it('are registered once, and a repeated call says where they stand', async () => {
      const first = await expectTopUp();
      expect([first.statusCode, first.headers.location]).toEqual([201, '/bank1/topups/t-1']);
      const standing = { txNo: 't-1', accountNo: '1', amount: '100.00', state: 'EXPECTED', reason: null };
      expect(first.json()).toEqual(standing);
      const again = await expectTopUp({ amount: '100.0' });
      expect([again.statusCode, again.json()]).toEqual([200, standing]);
      expect((await expectTopUp({ amount: '101' })).json()).toMatchObject({
        status: 409,
        code: 'TX_NO_CONFLICT',
      });
      expect((await row())?.contradiction).toBeNull();
      expect(await hoursUntilDue()).toBe(1);
    });

    it('may be registered after they were credited; another amount is noted for the audit', async () => {
      await receive();
      expect((await expectTopUp()).json()).toMatchObject({ state: 'CREDITED' });
      expect((await expectTopUp({ amount: '7' })).json()).toMatchObject({ code: 'TX_NO_CONFLICT' });
      expect((await row())?.contradiction).toBe('expected was 7.00 for 1');
      expect(await balance()).toBe('10100.00');
    });

    it('are refused for an account that is not here, and for bad input', async () => {
      expect((await expectTopUp({ accountNo: 'nobody' })).json()).toMatchObject({
        code: 'ACCOUNT_NOT_FOUND',
      });
      expect((await expectTopUp({ amount: 100 })).json()).toMatchObject({ errors: [{ field: 'amount' }] });
      expect((await app.inject('/bank1/topups/t-1')).json()).toMatchObject({ code: 'TOP_UP_NOT_FOUND' });
    });

    it('are asked about on the ladder; after the last answer that decides nothing, no more', async () => {
      await expectTopUp();
      unknownToPay();
      expect(await reconcile()).toMatchObject({ checked: 0 });
      await makeDue();
      expect(await reconcile()).toMatchObject({ checked: 1, postponed: 1 });
      expect([await row(), await hoursUntilDue()]).toMatchObject([{ state: 'EXPECTED', asked: 1 }, 2]);
      await makeDue();
      // No answer is no step.
      said = { status: 500, body: {} };
      expect(await reconcile()).toMatchObject({ postponed: 1 });
      expect(await row()).toMatchObject({ state: 'EXPECTED', asked: 1 });
      await makeDue();
      paid({ result: 'processing' });
      expect(await reconcile()).toMatchObject({ postponed: 1 });
      expect(await row()).toMatchObject({ state: 'GIVEN_UP', asked: 2 });
      await makeDue();
      expect(await reconcile()).toMatchObject({ checked: 0 });
      await receive();
      expect([(await row())?.state, await balance()]).toEqual(['CREDITED', '10100.00']);
    });

    it('keep their ladder when a person asks in between', async () => {
      await expectTopUp();
      unknownToPay();
      for (let times = 0; times < 3; times++) {
        expect(await reconcile({ txNo: 't-1' })).toMatchObject({ checked: 1, postponed: 1 });
      }
      await makeDue();
      expect(await reconcile()).toMatchObject({ checked: 1, postponed: 1 });
      expect(await row()).toMatchObject({ state: 'EXPECTED', asked: 1 });
      await makeDue();
      paid();
      expect(await reconcile()).toMatchObject({ checked: 1, settled: 1 });
      expect([(await row())?.state, await balance()]).toEqual(['CREDITED', '10100.00']);
    });

    it('are not given up when their ladder begins anew while pay is asked for the last time', async () => {
      await expectTopUp();
      await db.query('UPDATE top_up SET asked = 1');
      await makeDue();
      const asking = jest.spyOn(app.get(PayClient), 'find').mockImplementationOnce(async () => {
        await bury('EXPIRED');
        return 'NOT_FOUND';
      });
      expect(await reconcile()).toMatchObject({ checked: 1, postponed: 1 });
      asking.mockRestore();
      expect([await row(), await hoursUntilDue()]).toMatchObject([{ state: 'EXPECTED', asked: 0 }, 0]);
    });

    it('are credited when pay says that they were paid', async () => {
      await expectTopUp();
      paid();
      expect(await reconcile({ txNo: 't-1' })).toMatchObject({ checked: 1, settled: 1 });
      expect(await reconcile({ txNo: 't-1' })).toMatchObject({ checked: 0 });
      expect([(await row())?.state, await balance()]).toEqual(['CREDITED', '10100.00']);
      expect(await reconcile({ txNo: 't-2' })).toMatchObject({ code: 'TOP_UP_NOT_FOUND' });
    });
  });

  describe('where pay is not configured', () => {
    it('says so, and messages credit all the same', async () => {
      const alone = await start({});
      try {
        expect((await alone.inject('/bank1/payresult/t-1')).json()).toMatchObject({
          status: 501,
          code: 'PAY_NOT_CONFIGURED',
        });
        const payload = { by: 'tester' };
        const url = '/bank1/admin/top-ups/reconciliation';
        const admin = await alone.inject({ method: 'POST', url, headers: ADMIN, payload });
        expect(admin.json()).toMatchObject({ code: 'PAY_NOT_CONFIGURED' });
      } finally {
        await alone.close();
      }
    });

    it('starts on a database that knows no top-ups; a bank that is to receive them does not', async () => {
      const root = await new DataSource({ type: 'mysql', url: new URL(DATABASE, rootUrl).href }).initialize();
      try {
        await root.query('DROP TABLE top_up');
        const settings = loadSettings(Bank1Settings, {
          ...environment(),
          PAY_URL: 'http://127.0.0.1:9',
        });
        const receiving = await createServiceHttp(AppModule.forRoot(settings), settings, 'bank1');
        await expect(receiving.init()).rejects.toThrow(
          'its table top_up is missing; run sql/bank1.sql again',
        );
        await receiving.close();
        const alone = loadSettings(Bank1Settings, environment());
        const started = await createServiceHttp(AppModule.forRoot(alone), alone, 'bank1');
        await started.init();
        expect((await started.inject('/bank1/accounts/1')).statusCode).toBe(200);
        await started.close();
      } finally {
        await root.destroy();
        await createServiceDatabase(rootUrl, 'bank1', DATABASE);
      }
    });
  });
});
