import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServiceHttp, loadSettings, type Reading, type Readings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { OpenBranchesGauge } from '@txmsg/service/seata';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { CREDIT_FAULT_POINTS } from './credits/credit.fault-points.js';
import { SeataBank2Settings } from './seata-bank2-settings.js';

const DATABASE = 'test_seata_bank2_app';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;
const HEADERS = { authorization: 'Bearer the-token' };
const XID = '10.0.0.1:8091:42';

/** The whole module graph, as main.ts starts it; only the coordinator is away. */
describe("seata-bank2's AppModule", () => {
  let app: NestFastifyApplication;
  let direct: DataSource;

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'seata-bank2', DATABASE);
    direct = await new DataSource({ type: 'mysql', url, timezone: 'Z' }).initialize();
    const settings = loadSettings(SeataBank2Settings, {
      MYSQL_URL: url,
      SEATA_SERVER: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      ADMIN_TOKEN: 'the-token',
      FAULTS: '[]',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'seata-bank2');
    // As when a service starts: a busy machine may let a connection wait for too long.
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    await direct.destroy();
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    for (const table of ['credit', 'undo_log', 'tcc_fence_log']) await direct.query(`DELETE FROM ${table}`);
    await direct.query('UPDATE account_info SET account_balance = 0, reserved = 0');
  });

  const credit = (changed: object = {}, headers: Record<string, string> = { tx_xid: XID }, pattern = 'tcc') =>
    app.inject({
      method: 'POST',
      url: `/bank2/${pattern}/credits`,
      headers,
      payload: { txNo: 't-1', accountNo: '2', amount: '7', ...changed },
    });
  const book = (txNo: string, pattern: 'AT' | 'TCC', state: 'RESERVED' | 'CREDITED', amount = '7.00') =>
    direct.query(
      'INSERT INTO credit (tx_no, pattern, account_no, amount, xid, state) VALUES (?, ?, 2, ?, ?, ?)',
      [txNo, pattern, amount, XID, state],
    );
  const books = async (query = '') => app.inject({ url: `/bank2/admin/books${query}`, headers: HEADERS });

  it('describes its routes on its OpenAPI page, and lives without the coordinator, but is not ready', async () => {
    const { paths } = (await app.inject('/bank2/docs-json')).json<{ paths: object }>();
    const own = ['at/credits', 'tcc/credits', 'credits', 'credits/{txNo}', 'accounts/{no}', 'admin/books'];
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(own.map((path) => `/bank2/${path}`)));
    expect((await app.inject('/bank2/health/live')).json()).toEqual({ status: 'ok' });
    const ready = await app.inject('/bank2/health/ready');
    expect([ready.statusCode, ready.json()]).toMatchObject([
      503,
      { details: { mysql: { status: 'up' }, seata: { status: 'down' } } },
    ]);
  });

  it('knows its own fault points, and those of the library', async () => {
    const points = [...CREDIT_FAULT_POINTS, 'service:seata.rm.commit-received'];
    const rules = points.map((point) => ({ point, action: 'throw', txNo: 'nobody' }));
    const url = '/bank2/admin/faults';
    const payload = { by: 'alice', rules };
    expect((await app.inject({ method: 'POST', url, headers: HEADERS, payload })).statusCode).toBe(200);
  });

  it.each(['at', 'tcc'])(
    'keeps nothing of a credit under %s while the coordinator is away',
    async (pattern) => {
      const answer = await credit({}, { tx_xid: XID }, pattern);
      expect(answer.statusCode).toBeGreaterThanOrEqual(500);
      expect((await app.inject('/bank2/credits/t-1')).json()).toMatchObject({
        status: 404,
        code: 'TRANSFER_NOT_FOUND',
      });
      expect((await app.inject('/bank2/accounts/2')).json()).toMatchObject({ balance: '0.00' });
    },
  );

  it.each([
    ['txNo', { txNo: 'a b' }],
    ['accountNo', { accountNo: '' }],
    ['amount', { amount: '-1' }],
    ['amount', { amount: 7 }],
    ['amount', { amount: '0.001' }],
    ['extra', { extra: 1 }],
  ])('names the field of bad input: %s', async (field, changed) => {
    expect((await credit(changed)).json()).toMatchObject({ status: 400, errors: [{ field }] });
  });

  it('refuses a credit without a global transaction, and with what is none', async () => {
    expect((await credit({}, {})).json()).toMatchObject({ status: 400, errors: [{ field: 'TX_XID' }] });
    for (const xid of ['nonsense', `${XID},${XID}`, ' ']) {
      expect((await credit({}, { tx_xid: xid })).statusCode).toBe(400);
    }
  });

  it('refuses bad queries, and shows credits page by page', async () => {
    for (const query of ['limit=0', 'limit=101', 'after=a%20b', 'page=1']) {
      expect((await app.inject(`/bank2/credits?${query}`)).json()).toMatchObject({ status: 400 });
    }
    for (const txNo of ['a', 'b', 'c']) await book(txNo, 'TCC', 'RESERVED');
    const page = (await app.inject('/bank2/credits?limit=2&after=a')).json<{ items: object[]; next: null }>();
    expect(page).toMatchObject({ items: [{ txNo: 'b', state: 'OPEN' }, { txNo: 'c' }], next: null });
  });

  describe('its books', () => {
    it('need the admin token, and a name of a page that is one', async () => {
      expect((await app.inject('/bank2/admin/books')).statusCode).toBe(401);
      expect((await books('?after=a%20b')).json()).toMatchObject({ status: 400 });
    });

    it('agree when balances follow from credits, and what is reserved from tries', async () => {
      await book('at', 'AT', 'CREDITED', '2.50');
      await book('confirmed', 'TCC', 'CREDITED', '4.00');
      await book('tried', 'TCC', 'RESERVED', '8.00');
      await direct.query('UPDATE account_info SET account_balance = 6.50, reserved = 8.00');
      const page = (await books()).json<{ accounts: object; credits: object[] }>();
      expect(page.accounts).toEqual({
        opening: '0.00',
        balance: '6.50',
        reserved: '8.00',
        wrongCount: 0,
        wrong: [],
      });
      expect(page.credits).toMatchObject([
        { txNo: 'at', state: 'CREDITED' },
        { txNo: 'confirmed', state: 'CREDITED' },
        { txNo: 'tried', state: 'OPEN', amount: '8.00', xid: XID },
      ]);
      expect((await books('?after=confirmed')).json()).toMatchObject({
        accounts: null,
        credits: [{ txNo: 'tried' }],
        next: null,
      });
    });

    it.each([
      ['a balance', 'account_balance = account_balance + 0.01'],
      ['what is reserved', 'reserved = reserved + 0.01'],
    ])('name the account when %s was changed by hand', async (_what, change) => {
      await book('at', 'AT', 'CREDITED', '2.50');
      await direct.query(`UPDATE account_info SET account_balance = 2.50`);
      await direct.query(`UPDATE account_info SET ${change}`);
      expect((await books()).json()).toMatchObject({
        accounts: { wrongCount: 1, wrong: [{ accountNo: '2', due: { balance: '2.50', reserved: '0.00' } }] },
      });
    });

    it('name an account that is credited and does not exist', async () => {
      await direct.query(
        "INSERT INTO credit (tx_no, pattern, account_no, amount, xid, state) VALUES ('t', 'AT', 'gone', 1, ?, 'CREDITED')",
        [XID],
      );
      expect((await books()).json()).toMatchObject({
        accounts: { wrong: [{ accountNo: 'gone', present: null, due: { balance: '1.00' } }] },
      });
    });
  });

  it('counts what phase two has not ended, with its age', async () => {
    const reads = new Map<string, Reading<string>['read']>();
    const observe = ({ name, read }: Reading<string>): void => {
      reads.set(name, read);
    };
    new OpenBranchesGauge(direct, { observe } as unknown as Readings);
    const values = async (name: string): Promise<number[]> =>
      ((await reads.get(name)?.(20_000)) ?? []).map(({ value }) => value);
    expect([await values('undo-logs'), await values('tried-fences')]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const hourAgo = 'UTC_TIMESTAMP(3) - INTERVAL 1 HOUR';
    for (const status of [0, 1]) {
      await direct.query(
        `INSERT INTO undo_log (branch_id, xid, context, rollback_info, log_status, log_created, log_modified)
         VALUES (${status}, ?, '', '', ${status}, ${hourAgo}, ${hourAgo})`,
        [XID],
      );
    }
    for (const status of [1, 2, 3, 4]) {
      await direct.query(
        `INSERT INTO tcc_fence_log VALUES (?, ${status}, 'action', ${status}, ${hourAgo}, UTC_TIMESTAMP(3))`,
        [XID],
      );
    }
    for (const name of ['undo-logs', 'tried-fences']) {
      const [open, ageS = 0] = await values(name);
      expect([name, open]).toEqual([name, 1]);
      expect(ageS).toBeGreaterThanOrEqual(3600);
      expect(ageS).toBeLessThan(7200);
    }
  });
});
