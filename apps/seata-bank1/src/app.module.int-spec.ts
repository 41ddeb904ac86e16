import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServiceHttp, loadSettings, type Reading, type Readings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { SeataBank1Settings } from './seata-bank1-settings.js';
import { OpenTransfersGauge } from './transfers/open-transfers.gauge.js';
import { TRANSFER_FAULT_POINTS } from './transfers/transfer.fault-points.js';

const DATABASE = 'test_seata_bank1_app';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;
const HEADERS = { authorization: 'Bearer the-token' };

/** The whole module graph, as main.ts starts it; the coordinator is away, and bank2 is a page that a test writes. */
describe("seata-bank1's AppModule", () => {
  let app: NestFastifyApplication;
  let direct: DataSource;
  let bank2: Server;
  let bank2Calls: string[];
  let bank2Answer: { readonly status: number; readonly body: object };

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    bank2 = createServer(({ url = '' }, response) => {
      bank2Calls.push(url);
      response.writeHead(bank2Answer.status).end(JSON.stringify(bank2Answer.body));
    });
    await new Promise<void>((resolve) => bank2.listen(0, '127.0.0.1', resolve));
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'seata-bank1', DATABASE);
    direct = await new DataSource({ type: 'mysql', url, timezone: 'Z' }).initialize();
    const settings = loadSettings(SeataBank1Settings, {
      MYSQL_URL: url,
      SEATA_SERVER: '127.0.0.1:1',
      BANK2_URL: `http://127.0.0.1:${(bank2.address() as AddressInfo).port}`,
      TRANSFER_END_INTERVAL_MS: '0',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      ADMIN_TOKEN: 'the-token',
      FAULTS: '[]',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'seata-bank1');
    // As when a service starts: a busy machine may let a connection wait for too long.
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    await direct.destroy();
    bank2.closeAllConnections();
    await new Promise((resolve) => bank2.close(resolve));
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    bank2Calls = [];
    bank2Shows();
    for (const table of ['transfer', 'undo_log', 'tcc_fence_log']) await direct.query(`DELETE FROM ${table}`);
    await direct.query('UPDATE account_info SET account_balance = 10000, reserved = 0');
  });

  const transfer = (changed: object = {}, pattern = 'tcc') =>
    app.inject({
      method: 'POST',
      url: `/bank1/${pattern}/transfers`,
      payload: { txNo: 't-1', accountNo: '1', toAccountNo: '2', amount: '7', ...changed },
    });
  const count = async (): Promise<number> => {
    const [row] = await direct.query<{ n: string }[]>('SELECT COUNT(*) AS n FROM transfer');
    return Number(row?.n);
  };
  const bank2Shows = (...credits: object[]): void => {
    const accounts = { opening: '0.00', balance: '0.00', reserved: '0.00', wrongCount: 0, wrong: [] };
    bank2Answer = { status: 200, body: { accounts, credits, next: null } };
  };
  const credited = (txNo: string, amount: string, pattern = 'TCC') => ({
    ...{ txNo, pattern, accountNo: '2', amount, xid: `x-${txNo}` },
    ...{ state: 'CREDITED', createTime: '2026-01-01T00:00:00.000Z' },
  });
  const book = async (txNo: string, pattern: 'AT' | 'TCC', state: string, amount: string): Promise<void> => {
    await direct.query(
      'INSERT INTO transfer (tx_no, pattern, account_no, to_account_no, amount, xid, state) VALUES (?, ?, 1, 2, ?, ?, ?)',
      [txNo, pattern, amount, `x-${txNo}`, state],
    );
  };
  const fence = (txNo: string, status: number) =>
    direct.query(
      `INSERT INTO tcc_fence_log VALUES (?, 1, 'seata-bank1.debit', ${status}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
      [`x-${txNo}`],
    );
  const undoLog = (txNo: string, status: number) =>
    direct.query(
      `INSERT INTO undo_log (branch_id, xid, context, rollback_info, log_status, log_created, log_modified)
       VALUES (1, ?, '', '', ${status}, NOW(6), NOW(6))`,
      [`x-${txNo}`],
    );
  const audit = () => app.inject({ url: '/bank1/admin/audit', headers: HEADERS });

  it('describes its routes on its OpenAPI page, and lives without the coordinator, but is not ready', async () => {
    const { paths } = (await app.inject('/bank1/docs-json')).json<{ paths: object }>();
    const own = ['transfers', 'transfers/{txNo}', 'accounts/{no}', 'admin/audit'];
    own.push(...['at', 'tcc'].flatMap((pattern) => [`${pattern}/transfers`, `${pattern}/transfer`]));
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(own.map((path) => `/bank1/${path}`)));
    expect((await app.inject('/bank1/health/live')).json()).toEqual({ status: 'ok' });
    const ready = await app.inject('/bank1/health/ready');
    expect([ready.statusCode, ready.json()]).toMatchObject([
      503,
      { details: { mysql: { status: 'up' }, seata: { status: 'down' } } },
    ]);
  });

  it('knows its own fault points, and those of the library', async () => {
    const points = [...TRANSFER_FAULT_POINTS, 'service:seata.tm.begun'];
    const rules = points.map((point) => ({ point, action: 'throw', txNo: 'nobody' }));
    const url = '/bank1/admin/faults';
    const payload = { by: 'alice', rules };
    expect((await app.inject({ method: 'POST', url, headers: HEADERS, payload })).statusCode).toBe(200);
  });

  it.each(['at', 'tcc'])(
    'answers a transfer under %s that nothing was done while the coordinator is away',
    async (pattern) => {
      for (const answer of [
        await transfer({}, pattern),
        await app.inject({
          url: `/bank1/${pattern}/transfer?amount=2&txNo=t-1`,
          headers: { host: 'localhost' },
        }),
      ]) {
        expect(answer.json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE', txNo: 't-1' });
      }
      expect([await count(), bank2Calls]).toEqual([0, []]);
      expect((await app.inject('/bank1/accounts/1')).json()).toMatchObject({ balance: '10000.00' });
      expect((await app.inject('/bank1/transfers/t-1')).json()).toMatchObject({ code: 'TRANSFER_NOT_FOUND' });
    },
  );

  it.each([
    ['txNo', { txNo: 'a b' }],
    ['txNo', { txNo: 7 }],
    ['accountNo', { accountNo: '' }],
    ['toAccountNo', { toAccountNo: null }],
    ['amount', { amount: '0' }],
    ['amount', { amount: '1e3' }],
    ['amount', { amount: 7 }],
    ['extra', { extra: 1 }],
  ])('names the field of bad input: %s', async (field, changed) => {
    expect((await transfer(changed)).json()).toMatchObject({ status: 400, errors: [{ field }] });
  });

  it('refuses a txNo with ":" under AT alone, in both calls', async () => {
    const classic = { url: '/bank1/at/transfer?amount=2&txNo=a:b', headers: { host: 'localhost' } };
    for (const answer of [await transfer({ txNo: 'a:b' }, 'at'), await app.inject(classic)]) {
      expect(answer.json()).toMatchObject({ status: 400, errors: [{ field: 'txNo', value: 'a:b' }] });
    }
    expect((await transfer({ txNo: 'a:b' }, 'tcc')).json()).toMatchObject({ status: 503 });
  });

  it('refuses bad queries, and shows transfers page by page', async () => {
    for (const query of ['limit=0', 'limit=101', 'after=a%20b', 'page=1']) {
      expect((await app.inject(`/bank1/transfers?${query}`)).json()).toMatchObject({ status: 400 });
    }
    for (const txNo of ['a', 'b', 'c']) await book(txNo, 'AT', 'COMMITTED', '1.00');
    await undoLog('b', 0);
    expect((await app.inject('/bank1/transfers?limit=2&after=a')).json()).toMatchObject({
      items: [
        { txNo: 'b', state: 'OPEN' },
        { txNo: 'c', state: 'COMMITTED' },
      ],
      next: null,
    });
  });

  it('counts transfers that have not ended, with the age of their xid', async () => {
    let read: Reading<string>['read'] | undefined;
    const observe = (reading: Reading<string>): void => {
      read = reading.read;
    };
    new OpenTransfersGauge(direct, { observe } as unknown as Readings);
    const values = async (): Promise<number[]> => ((await read?.(20_000)) ?? []).map(({ value }) => value);
    await book('ended', 'TCC', 'COMMITTED', '1.00');
    expect(await values()).toEqual([0, 0]);
    await book('open', 'TCC', 'OPEN', '1.00');
    await direct.query('UPDATE transfer SET begin_time = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR');
    const [open, ageS = 0] = await values();
    expect(open).toBe(1);
    expect(ageS).toBeGreaterThanOrEqual(3600);
    expect(ageS).toBeLessThan(7200);
  });

  describe('its audit', () => {
    /** One of every standing, with the balance that they come to: 10000 − 1 − 2 − 4. */
    const bookEverything = async (): Promise<void> => {
      await book('committed', 'TCC', 'COMMITTED', '1.00');
      await fence('committed', 2);
      await book('undoable', 'AT', 'COMMITTED', '2.00');
      await undoLog('undoable', 0);
      await book('tried', 'TCC', 'OPEN', '4.00');
      await fence('tried', 1);
      await book('nothing-yet', 'TCC', 'OPEN', '8.00');
      await book('suspended', 'TCC', 'OPEN', '16.00');
      await fence('suspended', 4);
      await book('undone', 'AT', 'OPEN', '32.00');
      await undoLog('undone', 1);
      await book('rolled-back', 'TCC', 'ROLLED_BACK', '64.00');
      await fence('rolled-back', 3);
      await direct.query('UPDATE account_info SET account_balance = 9993.00, reserved = 4.00');
      bank2Shows(credited('committed', '1.00'));
    };

    it('needs the admin token', async () => {
      expect((await app.inject('/bank1/admin/audit')).statusCode).toBe(401);
    });

    it('agrees about what is committed, and takes what is open for in flight', async () => {
      await bookEverything();
      expect((await audit()).json()).toEqual({
        agrees: true,
        disagreements: { count: 0, listed: [] },
        accounts: {
          bank1: { opening: '10000.00', balance: '9993.00', reserved: '4.00' },
          bank2: { opening: '0.00', balance: '0.00', reserved: '0.00' },
        },
        transfers: { committed: { count: 1, sum: '1.00' }, inFlight: { count: 5, sum: '62.00' } },
      });
    });

    it.each([
      ['account_balance = account_balance + 0.01', '9993.01, and 4.00 reserved'],
      ['account_balance = account_balance - 0.01', '9992.99, and 4.00 reserved'],
      ['reserved = reserved + 1', '9993.00, and 5.00 reserved'],
      ['account_balance = account_balance + 4, reserved = 0', '9997.00, and 0.00 reserved'],
    ])('names the account after SET %s', async (change, found) => {
      await bookEverything();
      await direct.query(`UPDATE account_info SET ${change}`);
      expect((await audit()).json()).toMatchObject({
        agrees: false,
        disagreements: {
          count: 1,
          listed: [
            { kind: 'ACCOUNT', bank: 'bank1', accountNo: '1', found, expected: '9993.00, and 4.00 reserved' },
          ],
        },
      });
    });

    it('names a credit that bank2 has lost, and looks twice before', async () => {
      await bookEverything();
      bank2Shows();
      expect((await audit()).json()).toMatchObject({
        disagreements: { count: 1, listed: [{ txNo: 'committed', found: 'no credit at bank2' }] },
      });
      expect(bank2Calls).toEqual(['/bank2/admin/books', '/bank2/admin/books']);
    });

    it('names a credit for good of what has no effect here', async () => {
      await bookEverything();
      const wrong = ['nothing-yet', 'rolled-back', 'suspended', 'unknown'];
      bank2Shows(credited('committed', '1.00'), ...wrong.map((txNo) => credited(txNo, '8.00')));
      const { disagreements } = (await audit()).json<{ disagreements: { listed: { txNo: string }[] } }>();
      expect(disagreements.listed.map(({ txNo }) => txNo).sort()).toEqual(wrong);
    });

    it('answers 502 when bank2 refuses, and 503 when it cannot', async () => {
      bank2Answer = { status: 401, body: { code: 'UNAUTHORIZED' } };
      expect((await audit()).json()).toMatchObject({ status: 502, code: 'BOOKS_REFUSED' });
      for (const answer of [
        { status: 500, body: {} },
        { status: 200, body: {} },
      ]) {
        bank2Answer = answer;
        expect((await audit()).json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
      }
    });
  });
});
