import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  createServiceHttp,
  isSigned,
  loadSettings,
  NONCE_HEADER,
  SIGNATURE_HEADER,
  type Reading,
  type Readings,
} from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { ConfiguredFaults, FaultInjector, type FaultRule } from 'txmsg/faults';
import { eventually, MysqlProxy } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { CustodySettings } from './custody-settings.js';
import { OpenOpeningsGauge } from './openings/open-openings.gauge.js';
import { OPENING_FAULT_POINTS } from './openings/opening.fault-points.js';

const DATABASE = 'test_custody_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;
const SECRET = 'a-secret-of-user-and-custody';
const HEADERS = { authorization: 'Bearer the-token' };

/** The whole module graph, as main.ts starts it; only the broker is away. */
describe("custody's AppModule", () => {
  let proxy: MysqlProxy;
  let app: NestFastifyApplication;
  /** Past the proxy. */
  let direct: DataSource;
  let requestNo: string;
  let requests = 0;

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'custody', DATABASE);
    proxy = await MysqlProxy.start(url);
    direct = await new DataSource({ type: 'mysql', url }).initialize();
    const settings = loadSettings(CustodySettings, {
      MYSQL_URL: proxy.url,
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      ADMIN_TOKEN: 'the-token',
      PEER_SHARED_SECRET: SECRET,
      FAULTS: '[]',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'custody');
    // As when a service starts: a busy machine may let a connection wait for too long.
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
  });
  beforeEach(() => {
    requestNo = `r-${requests++}`;
  });
  afterEach(() => {
    meet();
  });
  afterAll(async () => {
    await app.close();
    await direct.destroy();
    await proxy.close();
    jest.restoreAllMocks();
  });

  const meet = (...rules: FaultRule[]): void => {
    app.get<ConfiguredFaults>(FaultInjector).replace(rules);
  };
  const contents = (changed: object = {}) => ({
    requestNo,
    userId: `u-${requestNo}`,
    name: '张三',
    ...changed,
  });
  const open = (changed: object = {}) =>
    app.inject({ method: 'POST', url: '/custody/accounts', payload: contents(changed) });
  const find = (no = requestNo) => app.inject(`/custody/requests/${no}`);
  const until = (expected: object): Promise<unknown> =>
    eventually(async () => {
      expect((await find()).json()).toMatchObject(expected);
    });
  const messages = async (): Promise<unknown[]> => {
    const sql = 'SELECT topic, tx_no, body FROM local_message WHERE tx_no = ?';
    const rows = await direct.query<{ topic: string; body: Buffer }[]>(sql, [requestNo]);
    return rows.map(({ topic, body }) => [topic, JSON.parse(body.toString()) as unknown]);
  };
  const count = async (table: string, where = 'TRUE'): Promise<number> => {
    const sql = `SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`;
    const [row] = await direct.query<{ n: string }[]>(sql);
    return Number(row?.n);
  };

  it('describes its routes on its OpenAPI page, and lives without the broker', async () => {
    const { paths } = (await app.inject('/custody/docs-json')).json<{ paths: object }>();
    const own = ['accounts', 'requests/{requestNo}', 'admin/jobs'];
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(own.map((path) => `/custody/${path}`)));
    expect((await app.inject('/custody/health/live')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/custody/health/ready')).json()).toMatchObject({
      details: { mysql: { status: 'up' }, rocketmq: { status: 'down' } },
    });
  });

  it('knows its own fault points', async () => {
    const rules = OPENING_FAULT_POINTS.map((point) => ({ point, action: 'throw', txNo: 'nobody' }));
    const payload = { by: 'alice', rules };
    const url = '/custody/admin/faults';
    expect((await app.inject({ method: 'POST', url, headers: HEADERS, payload })).statusCode).toBe(200);
  });

  it('counts what is not decided, with its age', async () => {
    await direct.query(
      `INSERT INTO custody_request (request_no, user_id, name, create_time)
       VALUES (?, ?, '张三', UTC_TIMESTAMP(3) - INTERVAL 1 HOUR)`,
      [requestNo, requestNo],
    );
    let read: Reading<string>['read'] | undefined;
    const readings = {
      observe: (reading: Reading<string>) => {
        read = reading.read;
      },
    };
    new OpenOpeningsGauge(direct, readings as Readings);
    const values = async (): Promise<number[]> => ((await read?.(20_000)) ?? []).map(({ value }) => value);
    const [open, ageS = 0] = await values();
    expect(open).toBe(1);
    expect(ageS).toBeGreaterThanOrEqual(3600);
    await direct.query("UPDATE custody_request SET status = 'REFUSED' WHERE request_no = ?", [requestNo]);
    expect(await values()).toEqual([0, 0]);
  });

  it('accepts a request at once, opens the account later, and tells of it in the same transaction', async () => {
    const answer = await open({ name: ' 张三 ' });
    expect(answer.statusCode).toBe(202);
    expect(answer.headers.location).toBe(`/custody/requests/${requestNo}`);
    expect(answer.json()).toEqual({
      ...contents(),
      status: 'PROCESSING',
      custodyAccountNo: null,
      reason: null,
    });
    await until({ status: 'OPENED' });
    const { custodyAccountNo } = (await find()).json<{ custodyAccountNo: string }>();
    expect(custodyAccountNo).toMatch(/^88\d{14}$/);
    expect(await messages()).toEqual([
      ['topic_custody_result', { requestNo, status: 'OPENED', custodyAccountNo, reason: null }],
    ]);
    expect(await count('custody_account', `custody_account_no = '${custodyAccountNo}'`)).toBe(1);
  });

  it('answers a repeated request with where the first one stands, also when its job is long deleted', async () => {
    await open();
    await until({ status: 'OPENED' });
    await direct.query('DELETE FROM durable_job WHERE job_key = ?', [requestNo]);
    const again = await open();
    expect([again.statusCode, again.json()]).toEqual([202, (await find()).json()]);
    expect(await count('durable_job', `job_key = '${requestNo}'`)).toBe(0);
    expect(await messages()).toHaveLength(1);
  });

  it.each([
    ['user', { userId: 'somebody' }],
    ['name', { name: 'Alice' }],
  ])('refuses another %s under the same number', async (_what, changed) => {
    await open();
    expect((await open(changed)).json()).toMatchObject({
      status: 409,
      code: 'TX_NO_CONFLICT',
      txNo: requestNo,
    });
    await until({ ...contents(), status: 'OPENED' });
  });

  it('accepts one request whatever many callers say about its number at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_unused, index) => open(index % 4 === 3 ? { name: 'Bob' } : {})),
    );
    // On a busy machine one may get no connection in time; it was told that it did nothing.
    const answered = answers.filter(({ statusCode }) => statusCode !== 503);
    const { name } = (await find()).json<{ name: string }>();
    const accepted = answered.filter(({ statusCode }) => statusCode === 202);
    for (const answer of accepted) expect(answer.json()).toMatchObject({ requestNo, name });
    for (const answer of answered) expect([202, 409]).toContain(answer.statusCode);
    await until({ status: 'OPENED' });
    expect(await messages()).toHaveLength(1);
  });

  it('refuses a second account of a user, and says so in its message', async () => {
    const userId = `u-${requestNo}`;
    await open();
    await until({ status: 'OPENED' });
    requestNo = `${requestNo}-second`;
    await open({ userId });
    const refused = { status: 'REFUSED', custodyAccountNo: null, reason: 'USER_HAS_ACCOUNT' };
    await until(refused);
    expect(await messages()).toEqual([['topic_custody_result', { requestNo, ...refused }]]);
    expect(await count('custody_account', `user_id = '${userId}'`)).toBe(1);
  });

  it('opens one account of a user for whom many requests come at the same time', async () => {
    const numbers = Array.from({ length: 8 }, (_unused, index) => `${requestNo}-${index}`);
    const userId = `u-${requestNo}`;
    await Promise.all(numbers.map((no) => open({ requestNo: no, userId })));
    const statuses = (): Promise<string[]> =>
      Promise.all(numbers.map(async (no) => (await find(no)).json<{ status: string }>().status));
    await eventually(async () => !(await statuses()).includes('PROCESSING'));
    expect((await statuses()).filter((status) => status === 'OPENED')).toHaveLength(1);
  });

  it('is PROCESSING for as long as the setting says', async () => {
    const settings = app.get<{ openingTakesMs: number }>(CustodySettings);
    settings.openingTakesMs = 3_600_000;
    try {
      await open();
      const job = async () => {
        const url = '/custody/admin/jobs?kind=custody-opening&state=PENDING';
        const { jobs } = (await app.inject({ url, headers: HEADERS })).json<{ jobs: object[] }>();
        expect(jobs).toContainEqual(
          expect.objectContaining({ key: requestNo, failures: 0, error: 'the request is being examined' }),
        );
      };
      await eventually(job);
      expect((await find()).json()).toMatchObject({ status: 'PROCESSING' });
    } finally {
      settings.openingTakesMs = 0;
    }
    await direct.query('UPDATE durable_job SET next_run_at = UTC_TIMESTAMP(3) WHERE job_key = ?', [
      requestNo,
    ]);
    await until({ status: 'OPENED' });
  });

  it('signs the answers of both calls', async () => {
    await open();
    await until({ status: 'OPENED' });
    const nonce = 'ab'.repeat(16);
    const headers = { [NONCE_HEADER]: nonce };
    for (const [path, payload] of [
      ['/custody/accounts', contents()],
      [`/custody/requests/${requestNo}`, undefined],
      ['/custody/requests/nothing', undefined],
    ] as const) {
      const method = payload === undefined ? 'GET' : 'POST';
      const answer = await app.inject({ method, url: path, headers, ...(payload && { payload }) });
      const signed = { nonce, path, status: answer.statusCode, body: answer.body };
      expect(isSigned(signed, String(answer.headers[SIGNATURE_HEADER]), SECRET)).toBe(true);
    }
  });

  it('knows no other request', async () => {
    expect((await find('nothing')).json()).toMatchObject({
      status: 404,
      code: 'CUSTODY_REQUEST_NOT_FOUND',
      txNo: 'nothing',
    });
    expect((await find('a%20b')).json()).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each([
    ['requestNo', { requestNo: 'a b' }],
    ['requestNo', { requestNo: 7 }],
    ['userId', { userId: '' }],
    ['name', { name: 'a\nb' }],
    ['extra', { extra: 1 }],
  ])('names the field of bad input: %s', async (field, changed) => {
    expect((await open(changed)).json()).toMatchObject({ status: 400, errors: [{ field }] });
    expect((await find()).statusCode).toBe(404);
  });

  describe('when something fails on the way', () => {
    const uncommitted = [
      'service:opening.job-started',
      'job.stored',
      'service:opening.accepted',
      'service:opening.before-commit',
    ] as const;

    it.each(uncommitted)(
      'at %s: neither request nor job, and the number may be used again',
      async (point) => {
        meet({ point, action: 'throw', txNo: requestNo });
        const failed = await open();
        expect(failed.json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE', txNo: requestNo });
        expect(failed.headers['retry-after']).toBeDefined();
        expect((await find()).statusCode).toBe(404);
        expect(await count('durable_job', `job_key = '${requestNo}'`)).toBe(0);
        expect((await open()).statusCode).toBe(202);
        await until({ status: 'OPENED' });
      },
    );

    it('the answer to COMMIT is lost: the row says that it was accepted', async () => {
      const played = proxy.at(/^COMMIT/, 'cut-after');
      const answer = await open();
      await played;
      expect(answer.statusCode).toBe(202);
      expect(answer.json()).toMatchObject(contents());
      await until({ status: 'OPENED' });
      expect(await messages()).toHaveLength(1);
    });

    it.each(['service:opening.decided', 'service:opening.announced', 'outbox.stored'] as const)(
      'at %s: the step leaves nothing behind and is made again, once',
      async (point) => {
        meet({ point, action: 'throw', txNo: requestNo });
        await open();
        await until({ status: 'OPENED' });
        expect(await messages()).toHaveLength(1);
        expect(await count('custody_account', `request_no = '${requestNo}'`)).toBe(1);
        expect(app.get<ConfiguredFaults>(FaultInjector).current).toMatchObject([{ left: 0 }]);
      },
    );
  });
});
