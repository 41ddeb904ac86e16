import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServiceHttp, loadSettings, type Reading, type Readings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { Webhook } from 'standardwebhooks';
import { ConfiguredFaults, FaultInjector, type FaultRule } from 'txmsg/faults';
import { eventually, MysqlProxy } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from '../app.module.js';
import { UserSettings } from '../user-settings.js';
import { CUSTODY_WEBHOOK_FAULT_POINTS } from '../webhooks/webhook.fault-points.js';
import { WebhookRetention } from '../webhooks/webhook.retention.js';
import { OpenRequestsGauge } from './open-requests.gauge.js';

const DATABASE = 'test_user_custody';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;
const [OLD_SECRET, SECRET, WRONG_SECRET] = [1, 2, 3].map(
  (byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`,
) as [string, string, string];
const LADDER_MS = [60_000, 300_000, 600_000];
const HEADERS = { authorization: 'Bearer the-token' };
const WINDOW_MS = 300_000;

type Row = Readonly<Record<string, unknown>>;

interface Sent {
  readonly id?: string;
  readonly secret?: string;
  readonly ageMs?: number;
  /** What is sent instead of what was signed. */
  readonly changedTo?: string;
  readonly type?: string;
}

/** The whole module graph, as main.ts starts it. The broker is away, and custody is a server that answers as a test says. */
describe('an account at the custody bank', () => {
  let proxy: MysqlProxy;
  let app: NestFastifyApplication;
  let custody: Server;
  /** Past the proxy. */
  let direct: DataSource;
  let userId: string;
  const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  /** How custody answers; undefined: not at all. */
  let answer: ((method: string, body: Row) => { status: number; body: object }) | undefined;
  const calls: { method: string; requestNo: unknown }[] = [];
  let users = 0;

  beforeAll(async () => {
    for (const level of ['log', 'warn'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    custody = createServer((request, response) => {
      const { method = 'GET', url = '' } = request;
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const asked = { requestNo: url.split('/').at(-1) };
        const body = method === 'POST' ? (JSON.parse(text) as Row) : asked;
        calls.push({ method, requestNo: body.requestNo });
        if (answer === undefined) return request.socket.destroy();
        const { status, body: answered } = answer(method, body);
        return response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify(answered));
      });
    });
    await new Promise<void>((resolve) => custody.listen(0, '127.0.0.1', resolve));
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'user', DATABASE);
    proxy = await MysqlProxy.start(url);
    direct = await new DataSource({ type: 'mysql', url }).initialize();
    app = await start({
      CUSTODY_URL: `http://127.0.0.1:${(custody.address() as AddressInfo).port}`,
      CUSTODY_WEBHOOK_SECRETS: `${OLD_SECRET},${SECRET}`,
      CUSTODY_ASK_LADDER_MS: LADDER_MS.join(','),
    });
  });
  beforeEach(async () => {
    calls.splice(0);
    answer = accepted;
    userId = `u-${users++}`;
    await direct.query('DELETE FROM custody_request');
    await direct.query('DELETE FROM custody_webhook');
    await direct.query("INSERT INTO user_info (tx_no, user_id, name) VALUES (?, ?, '张三')", [
      userId,
      userId,
    ]);
  });
  afterEach(() => {
    meet();
  });
  afterAll(async () => {
    await app.close();
    await direct.destroy();
    await proxy.close();
    await new Promise((resolve) => custody.close(resolve));
    jest.restoreAllMocks();
  });

  async function start(environment: Record<string, string>): Promise<NestFastifyApplication> {
    const settings = loadSettings(UserSettings, {
      MYSQL_URL: proxy.url,
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      RECONCILE_INTERVAL_MS: '0',
      RETENTION_INTERVAL_MS: '0',
      ADMIN_TOKEN: 'the-token',
      FAULTS: '[]',
      ...environment,
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'user');
    // As when a service starts: a busy machine may let a connection wait for too long.
    const started = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    return started.init();
  }

  const meet = (...rules: FaultRule[]): void => {
    app.get<ConfiguredFaults>(FaultInjector).replace(rules);
  };
  const statusOf = (body: Row, status = 'PROCESSING', custodyAccountNo: string | null = null): Row => ({
    requestNo: body.requestNo,
    userId,
    name: '张三',
    status,
    custodyAccountNo,
    reason: status === 'REFUSED' ? 'USER_HAS_ACCOUNT' : null,
  });
  function accepted(method: string, body: Row): { status: number; body: object } {
    return { status: method === 'POST' ? 202 : 200, body: statusOf(body) };
  }
  const opened = (method: string, body: Row): { status: number; body: object } => ({
    status: method === 'POST' ? 202 : 200,
    body: statusOf(body, 'OPENED', 'c-1'),
  });
  /** As custody answers about what it never got, and accepts what it is sent then. */
  const unheardOf = (method: string, body: Row): { status: number; body: object } =>
    method === 'POST'
      ? accepted(method, body)
      : { status: 404, body: { code: 'CUSTODY_REQUEST_NOT_FOUND', txNo: body.requestNo } };

  const request = () => app.inject({ method: 'POST', url: `/user/users/${userId}/custody-account` });
  const requested = async (): Promise<string> => (await request()).json<{ requestNo: string }>().requestNo;
  const rows = (): Promise<Row[]> =>
    direct.query('SELECT * FROM custody_request WHERE user_id = ? ORDER BY create_time', [userId]);
  const account = async (): Promise<Row> =>
    (await app.inject(`/user/users/${userId}/custody-account`)).json();
  const reconcile = async (payload: object = {}): Promise<Row> =>
    (
      await app.inject({
        method: 'POST',
        url: '/user/admin/reconciliation',
        headers: HEADERS,
        payload: { by: 'alice', ...payload },
      })
    ).json();
  const becomeDue = (): Promise<unknown> =>
    direct.query(
      'UPDATE custody_request SET next_check_at = UTC_TIMESTAMP(3) WHERE next_check_at IS NOT NULL',
    );

  it('describes its routes on the OpenAPI page', async () => {
    const { paths } = (await app.inject('/user/docs-json')).json<{ paths: object }>();
    const own = ['users/{userId}/custody-account', 'webhooks/custody', 'admin/reconciliation'];
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(own.map((path) => `/user/${path}`)));
  });

  describe('is asked for', () => {
    it('with a number that is made here, and custody is told', async () => {
      const first = await request();
      expect(first.statusCode).toBe(202);
      expect(first.headers.location).toBe(`/user/users/${userId}/custody-account`);
      const { requestNo } = first.json<{ requestNo: string }>();
      const document = { requestNo, userId, state: 'REQUESTED', custodyAccountNo: null, reason: null };
      expect(first.json()).toEqual(document);
      expect(await account()).toEqual(document);
      expect(calls).toEqual([{ method: 'POST', requestNo }]);
      expect((await app.inject(`/user/users/${userId}`)).json()).toMatchObject({
        userId,
        custodyAccount: document,
      });
    });

    it('once, whatever many callers do at the same time', async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => request()));
      const answered = answers.filter(({ statusCode }) => statusCode !== 503);
      expect(answered.filter(({ statusCode }) => statusCode === 202)).toHaveLength(1);
      expect(await rows()).toHaveLength(1);
      expect(calls).toHaveLength(1);
    });

    it('again, under another number, when it was refused', async () => {
      answer = (method, body) => ({ status: 202, body: statusOf(body, 'REFUSED') });
      const [first, second] = [await requested(), await requested()];
      expect(first).not.toBe(second);
      expect(await rows()).toMatchObject([
        { state: 'REFUSED', reason: 'USER_HAS_ACCOUNT', next_check_at: null },
        { state: 'REFUSED' },
      ]);
    });

    it('for no user who is none', async () => {
      userId = 'nobody';
      expect((await request()).json()).toMatchObject({ status: 404, code: 'USER_NOT_FOUND' });
      expect(await account()).toMatchObject({ status: 404, code: 'CUSTODY_REQUEST_NOT_FOUND' });
    });

    it.each([
      ['gives no answer', undefined],
      ['answers 503', () => ({ status: 503, body: {} })],
      [
        'does not know itself',
        (_method: string, body: Row) => ({ status: 202, body: { ...body, status: 'UNKNOWN' } }),
      ],
    ])('of a custody that %s: it is stored as NEW, and nothing is guessed', async (_what, answers) => {
      answer = answers;
      expect((await request()).json()).toMatchObject({ state: 'NEW' });
      expect(await account()).toMatchObject({ state: 'NEW' });
    });

    describe('and something fails on the way', () => {
      it.each(['inserted', 'before-commit'] as const)(
        'at %s: nothing is stored, and nobody is told',
        async (step) => {
          meet({ point: `service:custody-request.${step}`, action: 'throw' });
          expect((await request()).json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
          expect([await rows(), calls]).toEqual([[], []]);
        },
      );

      it('the answer to COMMIT is lost: the row says that it is stored', async () => {
        const played = proxy.at(/^COMMIT/, 'cut-after');
        const first = await request();
        await played;
        expect(first.json()).toMatchObject({ state: 'REQUESTED' });
        expect(await rows()).toHaveLength(1);
      });

      it('COMMIT itself is lost: the row says that nothing was done, and nobody was told', async () => {
        const played = proxy.at(/^COMMIT/, 'cut-unnoticed');
        const first = await request();
        await played;
        expect(first.json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
        expect([await rows(), calls]).toEqual([[], []]);
      });

      it("custody's answer cannot be recorded: the request is stored, and its number is told again", async () => {
        meet({ point: 'service:custody-request.answered', action: 'throw' });
        const requestNo = await requested();
        expect(await account()).toMatchObject({ requestNo, state: 'NEW' });
        await becomeDue();
        await reconcile();
        expect(await account()).toMatchObject({ requestNo, state: 'REQUESTED' });
      });
    });
  });

  describe('of which nothing is heard', () => {
    const pauseMs = async (): Promise<number> => {
      const [row] = await direct.query<{ ms: string }[]>(
        `SELECT TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), next_check_at) DIV 1000 AS ms FROM custody_request`,
      );
      return Number(row?.ms);
    };

    it('is asked about on the ladder, whose last rung repeats', async () => {
      await request();
      for (const rungMs of [...LADDER_MS, 600_000, 600_000]) {
        // As long as a statement and the reading of it may take on a busy machine.
        expect(await pauseMs()).toBeGreaterThan(rungMs - 30_000);
        expect(await pauseMs()).toBeLessThanOrEqual(rungMs);
        expect(await reconcile()).toMatchObject({ checked: 0 });
        await becomeDue();
        expect(await reconcile()).toEqual({ checked: 1, settled: 0, republished: 0, postponed: 1 });
      }
    });

    it('is OPENED when custody says so', async () => {
      await request();
      answer = opened;
      await becomeDue();
      expect(await reconcile()).toEqual({ checked: 1, settled: 1, republished: 0, postponed: 0 });
      expect(await account()).toMatchObject({ state: 'OPENED', custodyAccountNo: 'c-1', reason: null });
      expect(await reconcile()).toMatchObject({ checked: 0 });
    });

    it('is told to custody again, under the same number, when custody has not heard of it', async () => {
      answer = undefined;
      const requestNo = await requested();
      answer = unheardOf;
      await becomeDue();
      expect(await reconcile()).toEqual({ checked: 1, settled: 0, republished: 1, postponed: 0 });
      expect(calls).toEqual(['POST', 'GET', 'POST'].map((method) => ({ method, requestNo })));
      expect(await account()).toMatchObject({ state: 'REQUESTED' });
    });

    it('is left as it is while custody does not answer', async () => {
      await request();
      answer = undefined;
      await becomeDue();
      expect(await reconcile()).toMatchObject({ checked: 1, postponed: 1 });
      expect(await account()).toMatchObject({ state: 'REQUESTED' });
    });

    it('is REFUSED when its number is that of another request at custody, which keeps it', async () => {
      await request();
      answer = (_method, body) => ({
        status: 200,
        body: { ...statusOf(body, 'OPENED', 'c-1'), userId: 'other' },
      });
      await becomeDue();
      await reconcile();
      expect(await account()).toMatchObject({ state: 'REFUSED', reason: 'REQUEST_NO_CONFLICT' });
    });

    it('is asked about by an operator at once, and only if there is such a request', async () => {
      const requestNo = await requested();
      answer = opened;
      expect(await reconcile({ requestNo })).toMatchObject({ checked: 1, settled: 1 });
      expect(await reconcile({ requestNo })).toMatchObject({ checked: 0 });
      expect(await reconcile({ requestNo: 'nothing' })).toMatchObject({ code: 'CUSTODY_REQUEST_NOT_FOUND' });
      const url = '/user/admin/reconciliation';
      const stranger = await app.inject({ method: 'POST', url, payload: { by: 'eve' } });
      expect(stranger.statusCode).toBe(401);
    });

    it('is counted as open, with its age', async () => {
      let read: Reading<string>['read'] | undefined;
      const readings = {
        observe: (reading: Reading<string>) => {
          read = reading.read;
        },
      };
      new OpenRequestsGauge(direct, readings as Readings);
      const values = async (): Promise<number[]> => ((await read?.(20_000)) ?? []).map(({ value }) => value);
      expect(await values()).toEqual([0, 0]);
      await request();
      await direct.query('UPDATE custody_request SET create_time = create_time - INTERVAL 1 HOUR');
      const [open, ageS = 0] = await values();
      expect(open).toBe(1);
      expect(ageS).toBeGreaterThanOrEqual(3600);
    });
  });

  /** What a sender does who has nothing but the package `standardwebhooks`. */
  const send = (data: object, sent: Sent = {}) => {
    const { id = 'msg_1', secret = SECRET, ageMs = 0, type = 'custody.result' } = sent;
    const at = new Date(Date.now() - ageMs);
    const body = JSON.stringify({ type, timestamp: '2026-11-27T00:00:00.000Z', data });
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    };
    const payload = sent.changedTo ?? body;
    return app.inject({ method: 'POST', url: '/user/webhooks/custody', headers, payload });
  };
  const result = (requestNo: string, custodyAccountNo = 'c-1') => ({
    requestNo,
    status: 'OPENED',
    custodyAccountNo,
    reason: null,
  });
  const webhooks = (): Promise<Row[]> => direct.query('SELECT webhook_id FROM custody_webhook');

  describe('of which a webhook tells', () => {
    let requestNo: string;
    beforeEach(async () => {
      requestNo = await requested();
    });

    it.each([OLD_SECRET, SECRET])('is OPENED, signed with either secret of a rotation', async (secret) => {
      const answered = await send(result(requestNo), { secret });
      expect([answered.statusCode, answered.body]).toEqual([204, '']);
      expect(await account()).toMatchObject({ state: 'OPENED', custodyAccountNo: 'c-1', reason: null });
      expect(await rows()).toMatchObject([{ next_check_at: null }]);
    });

    it('is REFUSED', async () => {
      const refused = { requestNo, status: 'REFUSED', custodyAccountNo: null, reason: 'USER_HAS_ACCOUNT' };
      expect((await send(refused)).statusCode).toBe(204);
      expect(await account()).toMatchObject({ state: 'REFUSED', reason: 'USER_HAS_ACCOUNT' });
    });

    it('is OPENED also when the webhook overtakes the answer to the request itself', async () => {
      await direct.query("UPDATE custody_request SET state = 'NEW'");
      expect((await send(result(requestNo))).statusCode).toBe(204);
      expect(await account()).toMatchObject({ state: 'OPENED' });
    });

    it.each<[string, Sent]>([
      ['has another secret', { secret: WRONG_SECRET }],
      ['signed it six minutes ago', { ageMs: WINDOW_MS + 60_000 }],
      ['signed it six minutes ahead', { ageMs: -WINDOW_MS - 60_000 }],
      ['sends it after it was replayed to him from the day before', { ageMs: 86_400_000 }],
    ])('stays as it is when the sender %s', async (_what, sent) => {
      expect((await send(result(requestNo), sent)).json()).toMatchObject({
        status: 401,
        code: 'WEBHOOK_NOT_VERIFIED',
      });
      expect(await account()).toMatchObject({ state: 'REQUESTED' });
      expect(await webhooks()).toEqual([]);
    });

    it('stays as it is when a byte of the body was changed', async () => {
      const body = JSON.stringify({ type: 'custody.result', timestamp: 'x', data: result(requestNo, 'c-2') });
      expect((await send(result(requestNo), { changedTo: body })).statusCode).toBe(401);
      const blank = JSON.stringify({ type: 'custody.result', data: result(requestNo) }, null, 1);
      expect((await send(result(requestNo), { changedTo: blank })).statusCode).toBe(401);
      expect(await account()).toMatchObject({ state: 'REQUESTED' });
    });

    it('is told again under the same id: acknowledged, and nothing happens', async () => {
      await send(result(requestNo));
      // A retry has a time stamp of its own, and so another signature.
      expect((await send(result(requestNo), { ageMs: 5000, secret: OLD_SECRET })).statusCode).toBe(204);
      expect(await webhooks()).toHaveLength(1);
    });

    it('is told otherwise under the same id: refused, and nothing happens', async () => {
      await send(result(requestNo));
      expect((await send(result(requestNo, 'c-2'))).json()).toMatchObject({
        status: 409,
        code: 'WEBHOOK_ID_CONFLICT',
      });
      expect(await account()).toMatchObject({ custodyAccountNo: 'c-1' });
    });

    it('is told by many at the same time: applied once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_unused, index) => send(result(requestNo), { id: `msg_${index % 3}` })),
      );
      for (const { statusCode } of answers) expect([204, 503]).toContain(statusCode);
      expect(await account()).toMatchObject({ state: 'OPENED', custodyAccountNo: 'c-1' });
    });

    it('and which custody was asked about before: whichever is first ends it, the other changes nothing', async () => {
      answer = opened;
      await reconcile({ requestNo });
      expect((await send(result(requestNo))).statusCode).toBe(204);
      expect(await account()).toMatchObject({ state: 'OPENED', custodyAccountNo: 'c-1' });
    });

    it('and that contradicts what was said before: what was said first stands', async () => {
      await send(result(requestNo));
      expect((await send(result(requestNo, 'c-2'), { id: 'msg_2' })).statusCode).toBe(204);
      expect(await account()).toMatchObject({ custodyAccountNo: 'c-1' });
      expect(errors).toHaveBeenCalledWith(expect.stringContaining('contradicts'), { txNo: requestNo });
    });

    it('comes after its row was deleted: the request has ended, and nothing happens', async () => {
      await send(result(requestNo));
      await direct.query('UPDATE custody_webhook SET create_time = create_time - INTERVAL 8 DAY');
      await direct.query(
        "INSERT INTO custody_webhook (webhook_id, body_hash) VALUES ('young', REPEAT('a', 32))",
      );
      await app.get(WebhookRetention).purge();
      expect(await webhooks()).toEqual([{ webhook_id: 'young' }]);
      expect((await send(result(requestNo))).statusCode).toBe(204);
      expect(await account()).toMatchObject({ state: 'OPENED', custodyAccountNo: 'c-1' });
    });

    it.each(CUSTODY_WEBHOOK_FAULT_POINTS)('fails at %s: the sender sends it again', async (point) => {
      meet({ point, action: 'throw', txNo: requestNo });
      expect((await send(result(requestNo))).statusCode).toBeGreaterThanOrEqual(500);
      const isCommitted = point === 'service:custody-webhook.committed';
      expect(await webhooks()).toHaveLength(isCommitted ? 1 : 0);
      expect(await account()).toMatchObject({ state: isCommitted ? 'OPENED' : 'REQUESTED' });
      expect((await send(result(requestNo))).statusCode).toBe(204);
      expect(await account()).toMatchObject({ state: 'OPENED' });
    });

    it('and the answer to COMMIT is lost: no acknowledgement, and the next call finds it done', async () => {
      const played = proxy.at(/^COMMIT/, 'cut-after');
      expect((await send(result(requestNo))).json()).toMatchObject({ status: 500, code: 'INTERNAL_ERROR' });
      await played;
      expect((await send(result(requestNo))).statusCode).toBe(204);
      expect(await webhooks()).toHaveLength(1);
    });
  });

  it.each([
    ['a request of others', result('not-ours'), {}],
    ['something else', { id: '1', result: 'success' }, { type: 'topup.result' }],
  ])('acknowledges a webhook about %s, and keeps nothing of it', async (_what, data, sent) => {
    expect((await send(data, sent)).statusCode).toBe(204);
    expect(await webhooks()).toEqual([]);
    // The id is still free for a webhook that is about something of ours.
    expect((await send(result(await requested()))).statusCode).toBe(204);
    expect(await account()).toMatchObject({ state: 'OPENED' });
  });

  it('refuses what is proven and no result, and an id that is none', async () => {
    expect((await send({ ...result('r'), status: 'LOST' })).json()).toMatchObject({
      status: 400,
      errors: [{ field: 'data.status' }],
    });
    expect((await send(result('r'), { id: 'a'.repeat(256) })).json()).toMatchObject({
      status: 400,
      errors: [{ field: 'webhook-id' }],
    });
  });

  it('refuses what is no webhook', async () => {
    const url = '/user/webhooks/custody';
    expect((await app.inject({ method: 'POST', url })).json()).toMatchObject({
      code: 'WEBHOOK_NOT_VERIFIED',
    });
    const large = await app.inject({ method: 'POST', url, payload: { text: 'a'.repeat(20_000) } });
    expect(large.json()).toMatchObject({ code: 'BODY_TOO_LARGE' });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const other = await app.inject({ method: 'POST', url, headers: form, payload: 'a=b' });
    expect(other.json()).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  describe('without the custody bank', () => {
    let alone: NestFastifyApplication;
    beforeAll(async () => {
      alone = await start({});
    });
    afterAll(() => alone.close());

    it('says so, and all else works', async () => {
      const off = { status: 501, code: 'CUSTODY_NOT_CONFIGURED' };
      const asking = { method: 'POST', url: `/user/users/${userId}/custody-account` } as const;
      expect((await alone.inject(asking)).json()).toMatchObject(off);
      const webhook = { method: 'POST', url: '/user/webhooks/custody', payload: {} } as const;
      expect((await alone.inject(webhook)).json()).toMatchObject({
        ...off,
        detail: expect.stringContaining('CUSTODY_WEBHOOK_SECRETS'),
      });
      const url = '/user/admin/reconciliation';
      const reconciliation = { method: 'POST', url, headers: HEADERS, payload: { by: 'alice' } } as const;
      expect((await alone.inject(reconciliation)).json()).toMatchObject(off);
      expect((await alone.inject(`/user/users/${userId}`)).json()).toMatchObject({ userId });
      expect(await rows()).toEqual([]);
    });
  });
});
