import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { CustodyResultMessage, TopUpResultMessage } from '@txmsg/contracts';
import { createServiceHttp, loadSettings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { DatabaseTransactions, Deadline, type IncomingMessage } from 'txmsg';
import { eventually } from 'txmsg/testing';
import { DataSource, type EntityManager } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { NotifierSettings } from './notifier-settings.js';
import { CustodyResultListener } from './results/custody-result.listener.js';
import { TopUpResultListener } from './results/top-up-result.listener.js';

const DATABASE = 'test_notifier_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;
const HEADERS = { authorization: 'Bearer the-token' };
/** Nobody listens there, so what is told stays PENDING. */
const NOWHERE = 'http://127.0.0.1:1/hook';
const MESSAGE = { bornAtMs: Date.parse('2026-01-31T08:00:00Z') } as IncomingMessage;
const RESULT = { id: 't-1', accountNo: '1', payAmount: '100.00', result: 'success' } as TopUpResultMessage;

const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** The whole module graph, as main.ts starts it; only the broker is away. */
describe("notifier's AppModule", () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropServiceDatabase(rootUrl, DATABASE);
    const settings = loadSettings(NotifierSettings, {
      MYSQL_URL: await createServiceDatabase(rootUrl, 'notifier', DATABASE),
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      ADMIN_TOKEN: 'the-token',
      // The largest that is allowed.
      MESSAGE_BYTES_MAX: '3145728',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'notifier');
    // As when a service starts: a busy machine may let a connection wait for too long.
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    for (const table of ['webhook_call', 'webhook_delivery', 'webhook_secret', 'webhook_subscriber'])
      await app.get(DataSource).query(`DELETE FROM ${table}`);
  });

  type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
  const call = async (method: Method, path: string, payload?: object) => {
    const { statusCode, body, headers } = await app.inject({
      ...{ method, url: `/notifier/${path}`, headers: HEADERS },
      ...(payload === undefined ? {} : { payload }),
    });
    return {
      status: statusCode,
      headers,
      body: (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>,
    };
  };
  const fields = (more: object = {}): object => ({
    ...{ name: 'One', url: NOWHERE, events: ['topup.result'], secret: newSecret() },
    ...{ allowPrivateAddresses: true, ...more },
  });
  const subscribe = async (more: object = {}): Promise<string> => {
    const { status, body } = await call('POST', 'subscribers', fields(more));
    expect([status, body]).toEqual([201, expect.objectContaining({ state: 'ACTIVE' })]);
    return String(body.id);
  };
  const inTransaction = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
    app
      .get(DatabaseTransactions)
      .run(async ({ entityManager }) => ({ decision: 'COMMIT', value: await work(entityManager) }), {
        deadline: Deadline.in(10_000),
      });
  const notifications = async (query = ''): Promise<Record<string, unknown>[]> =>
    (await call('GET', `notifications${query}`)).body.notifications as Record<string, unknown>[];

  it('lives without the broker, and says that it is not ready', async () => {
    expect((await call('GET', 'health/live')).body).toEqual({ status: 'ok' });
    expect(await call('GET', 'health/ready')).toMatchObject({
      status: 503,
      body: { details: { mysql: { status: 'up' }, rocketmq: { status: 'down' } } },
    });
  });

  it('has routes for the holder of the token alone', async () => {
    for (const path of ['subscribers', 'notifications', 'subscribers/x', 'admin/dead-letters'])
      expect([path, (await app.inject(`/notifier/${path}`)).statusCode]).toEqual([path, 401]);
    for (const path of ['subscribers', 'subscribers/x/secrets', 'notifications/x/redrive']) {
      const { statusCode } = await app.inject({ method: 'POST', url: `/notifier/${path}`, payload: {} });
      expect([path, statusCode]).toEqual([path, 401]);
    }
    expect((await call('GET', 'admin/dead-letters')).body).toEqual({ deadLetters: [], next: null });
    const { body } = await call('GET', 'docs-json');
    const paths = Object.keys(body.paths as object);
    for (const path of ['/notifier/subscribers', '/notifier/notifications/{id}/redrive'])
      expect(paths).toContain(path);
  });

  it('makes, shows, changes and deletes a subscriber, and never shows a secret', async () => {
    const secret = newSecret();
    const ladder = [60, 120];
    const made = await call(
      'POST',
      'subscribers',
      fields({ secret, ladder, jitter: 0.25, expectBody: 'success' }),
    );
    const expected = {
      name: 'One',
      url: NOWHERE,
      ladder,
      jitter: 0.25,
      expectBody: 'success',
      state: 'ACTIVE',
    };
    expect(made).toMatchObject({ status: 201, body: expected });
    const path = `subscribers/${String(made.body.id)}`;
    expect((await call('GET', path)).body).toEqual(made.body);
    expect((await call('GET', 'subscribers')).body).toEqual({ subscribers: [made.body], next: null });
    const change = { ladder: null, jitter: null, events: ['custody.result'], state: 'OFF' };
    const changed = await call('PATCH', path, change);
    expect(changed).toMatchObject({ status: 200, body: { ...change, name: 'One', expectBody: 'success' } });
    expect((await call('POST', `${path}/secrets`, { secret: newSecret() })).status).toBe(200);
    for (const { body } of [made, changed]) expect(JSON.stringify(body)).not.toContain('whsec_');
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('DELETE', path)).body).toMatchObject({ code: 'SUBSCRIBER_NOT_FOUND' });
    expect((await call('GET', path)).body).toMatchObject({ state: 'DELETED' });
    expect((await call('PATCH', path, { name: 'Two' })).body).toMatchObject({ code: 'SUBSCRIBER_NOT_FOUND' });
  });

  it.each([
    ['url', { url: 'https://user:word@example.com/' }],
    ['url', { url: 'https://example.com/#part' }],
    ['url', { url: 'ftp://example.com/' }],
    ['url', { url: 'http://example.com/', allowPrivateAddresses: false }],
    ['url', { url: 'https://0177.0.0.1/', allowPrivateAddresses: false }],
    ['url', { url: 'https://[::ffff:127.0.0.1]/', allowPrivateAddresses: false }],
    ['url', { url: 'https://169.254.169.254/', allowPrivateAddresses: false }],
    ['url', { url: 7 }],
    ['secret', { secret: `whsec_${randomBytes(16).toString('base64')}` }],
    ['secret', { secret: 'word' }],
    ['secret', { secret: undefined }],
    ['events', { events: ['work.done'] }],
    ['events', { events: [] }],
    ['ladder', { ladder: [0] }],
    ['ladder', { ladder: ['60'] }],
    ['jitter', { jitter: 0.6 }],
    ['expectBody', { expectBody: '' }],
    ['allowPrivateAddresses', { allowPrivateAddresses: 'true' }],
    ['name', { name: '' }],
    ['extra', { extra: 1 }],
  ])('refuses a subscriber for its %s: %j', async (field, wrong) => {
    const { status, body } = await call('POST', 'subscribers', fields(wrong));
    expect([status, body]).toEqual([
      400,
      expect.objectContaining({ code: 'INVALID_INPUT', errors: [expect.objectContaining({ field })] }),
    ]);
    expect(JSON.stringify(body)).not.toMatch(/whsec_[A-Za-z0-9+/]{4}|word@/);
  });

  it('refuses a second subscriber of the same name', async () => {
    await subscribe();
    expect(await call('POST', 'subscribers', fields())).toMatchObject({
      status: 409,
      body: { code: 'SUBSCRIBER_NAME_TAKEN' },
    });
  });

  it('tells every subscriber of the type of a result, with the body of the message', async () => {
    const [one, other] = [
      await subscribe(),
      await subscribe({ name: 'Two', events: ['topup.result', 'custody.result'] }),
    ];
    const topUps = app.get(TopUpResultListener);
    for (let time = 0; time < 2; time++)
      await inTransaction((manager) => topUps.onMessage(RESULT, manager, MESSAGE));
    const found = await notifications();
    expect(found.map(({ subscriber }) => subscriber).sort()).toEqual([one, other].sort());
    const { body } = await call('GET', `notifications/${String(found[0]?.id)}`);
    expect(JSON.parse(String(body.body))).toEqual({
      ...{ type: 'topup.result', timestamp: '2026-01-31T08:00:00.000Z', data: RESULT },
    });
    const custody = app.get(CustodyResultListener);
    const refusal = { requestNo: 'r-1', status: 'REFUSED', reason: 'BECAUSE' } as CustodyResultMessage;
    await inTransaction((manager) => custody.onMessage(custody.normalizePayload(refusal), manager, MESSAGE));
    const told = (await notifications(`?subscriber=${other}`)).filter(
      ({ type }) => type === 'custody.result',
    );
    expect(told).toHaveLength(1);
    const detail = await call('GET', `notifications/${String(told[0]?.id)}`);
    const data = { requestNo: 'r-1', status: 'REFUSED', custodyAccountNo: null, reason: 'BECAUSE' };
    expect(JSON.parse(String(detail.body.body))).toMatchObject({ type: 'custody.result', data });
  });

  it('finds what was given up, and re-drives it', async () => {
    const id = await subscribe();
    await inTransaction((manager) => app.get(TopUpResultListener).onMessage(RESULT, manager, MESSAGE));
    const [{ id: notification } = {}] = await notifications(`?subscriber=${id}`);
    const path = `notifications/${String(notification)}`;
    const called = (calls: number) => eventually(async () => (await call('GET', path)).body.calls === calls);
    await called(1);
    expect((await call('POST', `${path}/redrive`)).body).toMatchObject({ code: 'NOTIFICATION_NOT_GIVEN_UP' });
    await call('PATCH', `subscribers/${id}`, { state: 'OFF' });
    await app.get(DataSource).query('UPDATE webhook_delivery SET claim_at = UTC_TIMESTAMP(3)');
    await eventually(async () => (await notifications('?state=GIVEN_UP')).length === 1);
    expect((await call('POST', `${path}/redrive`)).body).toMatchObject({ code: 'SUBSCRIBER_OFF' });
    await call('PATCH', `subscribers/${id}`, { state: 'ACTIVE' });
    expect((await call('POST', `${path}/redrive`)).body).toMatchObject({ state: 'PENDING', reason: null });
    await called(2);
    expect((await call('GET', path)).body).toMatchObject({
      state: 'PENDING',
      log: [{ outcome: 'NO_ANSWER', status: null }, { number: 2 }],
    });
    expect((await call('GET', 'notifications/msg_none')).body).toMatchObject({
      code: 'NOTIFICATION_NOT_FOUND',
    });
    expect((await call('POST', 'notifications/msg_none/redrive')).status).toBe(404);
    for (const query of ['?limit=0', '?state=GONE', '?subscriber=a%20b', '?after=', '?more=1'])
      expect([query, (await call('GET', `notifications${query}`)).status]).toEqual([query, 400]);
  });
});
