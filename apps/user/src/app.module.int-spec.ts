import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServiceHttp, loadSettings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { ConfiguredFaults, FaultInjector, type FaultRule } from 'txmsg/faults';
import { eventually, MysqlProxy } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { openIdleSession } from '../../../libs/txmsg/test/idle-session.js';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { REGISTRATION_FAULT_POINTS } from './registration/registration.fault-points.js';
import { USER_NAME_RULE } from '@txmsg/contracts';
import { UserSettings } from './user-settings.js';

const DATABASE = 'test_user_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;

/** The whole module graph, as main.ts starts it; only the broker is away. */
describe("user's AppModule", () => {
  let proxy: MysqlProxy;
  let app: NestFastifyApplication;
  /** Past the proxy. */
  let direct: DataSource;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'user', DATABASE);
    proxy = await MysqlProxy.start(url);
    direct = await new DataSource({ type: 'mysql', url }).initialize();
    const settings = loadSettings(UserSettings, {
      MYSQL_URL: proxy.url,
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      REGISTER_TIMEOUT_MS: '14000',
      ...PATIENT_SETTINGS,
      ADMIN_TOKEN: 'the-token',
      FAULTS: '[]',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'user');
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
    await direct.query('DELETE FROM user_info');
    await direct.query('DELETE FROM local_message');
  });
  afterEach(() => {
    meet();
  });

  const meet = (...rules: FaultRule[]): void => {
    app.get<ConfiguredFaults>(FaultInjector).replace(rules);
  };
  const register = (payload: unknown, key?: string) =>
    app.inject({
      method: 'POST',
      url: '/user/register',
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
      payload: JSON.stringify(payload),
    });
  const users = (): Promise<{ tx_no: string; user_id: string; name: string }[]> =>
    direct.query('SELECT tx_no, user_id, name FROM user_info');
  const messages = async (): Promise<unknown[]> => {
    const rows = await direct.query<{ topic: string; tx_no: string; body: Buffer }[]>(
      'SELECT topic, tx_no, body FROM local_message',
    );
    return rows.map(({ topic, tx_no, body }) => [topic, tx_no, JSON.parse(body.toString()) as unknown]);
  };
  /** A user exists exactly when the message about it does, and it says so. */
  const expectAgreement = async (): Promise<void> => {
    const expected = (await users()).map(({ tx_no, user_id }) => [
      'topic_user_registered',
      tx_no,
      { txNo: tx_no, userId: user_id },
    ]);
    expect((await messages()).sort()).toEqual(expected.sort());
  };

  it('lives without the broker, and says that it is not ready', async () => {
    expect((await app.inject('/user/health/live')).json()).toEqual({ status: 'ok' });
    const ready = await app.inject('/user/health/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({
      details: { mysql: { status: 'up' }, rocketmq: { status: 'down' } },
    });
  });

  it('has admin routes for the holder of the token', async () => {
    const headers = { authorization: 'Bearer the-token' };
    expect((await app.inject('/user/admin/dead-letters')).statusCode).toBe(401);
    const list = await app.inject({ url: '/user/admin/dead-letters', headers });
    expect(list.json()).toEqual({ deadLetters: [], next: null });
    // Its own fault points are known.
    const rules = REGISTRATION_FAULT_POINTS.map((point) => ({ point, action: 'throw', txNo: 'nobody' }));
    const payload = { by: 'alice', rules };
    const faults = await app.inject({ method: 'POST', url: '/user/admin/faults', headers, payload });
    expect(faults.statusCode).toBe(200);
  });

  it('registers a user and stores the message about it', async () => {
    const answer = await register({ name: '  张三 ' }, 't-1');
    expect(answer.statusCode).toBe(201);
    const { userId } = answer.json<{ userId: string }>();
    expect(answer.json()).toEqual({ userId, name: '张三', txNo: 't-1' });
    expect(answer.headers.location).toBe(`/user/users/${userId}`);
    expect(await messages()).toEqual([['topic_user_registered', 't-1', { txNo: 't-1', userId }]]);
    expect((await app.inject(`/user/users/${userId}`)).json()).toEqual({
      userId,
      name: '张三',
      txNo: 't-1',
      state: 'ACTIVE',
      createTime: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('knows no other user', async () => {
    const missing = await app.inject('/user/users/nobody');
    expect(missing.json()).toMatchObject({ status: 404, code: 'USER_NOT_FOUND' });
    expect((await app.inject('/user/users/a%20b')).json()).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('answers a repeated key with the first result, and another name under it with 409', async () => {
    const first = await register({ name: 'Alice' }, 't-1');
    const again = await register({ name: ' Alice' }, '"t-1"');
    expect([again.statusCode, again.json()]).toEqual([200, first.json()]);
    for (const name of ['alice', 'Alicé', 'Alice\u200b']) {
      expect((await register({ name }, 't-1')).json()).toMatchObject({
        status: 409,
        code: 'TX_NO_CONFLICT',
        txNo: 't-1',
      });
    }
    expect((await register({ name: 'Alice' }, 'T-1')).statusCode).toBe(201);
    await expectAgreement();
  });

  it('takes calls without a key for different registrations, whatever they say', async () => {
    const answers = [await register({ name: 'Alice' }), await register({ name: 'Alice' })];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201]);
    expect(await users()).toHaveLength(2);
    await expectAgreement();
  });

  it('registers once whatever many callers with one key say at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        register({ name: index % 4 === 3 ? 'Bob' : 'Alice' }, 'same-key'),
      ),
    );
    const [user] = await users();
    const winner = user?.name;
    // On a busy machine one may get no connection in time; it was told that it did nothing.
    const answered = answers.filter(({ statusCode }) => statusCode !== 503);
    expect(answered.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
    for (const answer of answered) {
      if (answer.statusCode === 409) continue;
      expect(answer.json()).toEqual({ userId: user?.user_id, name: winner, txNo: 'same-key' });
    }
    expect(await users()).toHaveLength(1);
    await expectAgreement();
  });

  it.each([
    ['name', { name: '' }, '', USER_NAME_RULE],
    ['name', { name: 'a\nb' }, 'a\nb', USER_NAME_RULE],
    ['name', { name: 5 }, 5, USER_NAME_RULE],
    ['name', {}, undefined, USER_NAME_RULE],
    ['nick', { name: 'Alice', nick: 'A' }, 'A', 'is not a known field'],
  ])('names the field, value and rule of bad input: %s of %j', async (field, payload, value, rule) => {
    const answer = await register(payload, 't-1');
    expect(answer.json()).toMatchObject({
      status: 400,
      code: 'INVALID_INPUT',
      errors: [{ field, ...(value !== undefined && { value }), rule }],
    });
    expect(await users()).toEqual([]);
  });

  it('names a bad key as well', async () => {
    const answer = await register({ name: 'Alice' }, 'a b');
    expect(answer.json()).toMatchObject({
      status: 400,
      errors: [{ field: 'Idempotency-Key', value: 'a b', rule: expect.stringContaining('1 to 64') }],
    });
  });

  describe('when something fails on the way', () => {
    const uncommitted = ['begun', 'user-inserted', 'before-commit'].map(
      (step) => `service:registration.${step}` as const,
    );

    it.each([...uncommitted, 'outbox.stored' as const])(
      'at %s before COMMIT: neither user nor message, and the same key may be used again',
      async (point) => {
        meet({ point, action: 'throw', txNo: 't-1' });
        const failed = await register({ name: 'Alice' }, 't-1');
        expect(failed.json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE', txNo: 't-1' });
        expect(failed.headers['retry-after']).toBeDefined();
        expect(await users()).toEqual([]);
        expect(await messages()).toEqual([]);
        expect((await register({ name: 'Alice' }, 't-1')).statusCode).toBe(201);
        await expectAgreement();
      },
    );

    it.each(uncommitted)('the connection breaks at %s: nothing is stored', async (point) => {
      meet({ point, action: 'drop-connection', txNo: 't-1' });
      expect((await register({ name: 'Alice' }, 't-1')).statusCode).toBe(503);
      expect(await users()).toEqual([]);
      expect((await register({ name: 'Alice' }, 't-1')).statusCode).toBe(201);
      await expectAgreement();
    });

    it('the answer to COMMIT is lost: the row says that it was done', async () => {
      const played = proxy.at(/^COMMIT/, 'cut-after');
      const answer = await register({ name: 'Alice' }, 't-1');
      await played;
      expect(answer.statusCode).toBe(201);
      expect((await users()).map(({ user_id }) => user_id)).toEqual([
        answer.json<{ userId: string }>().userId,
      ]);
      await expectAgreement();
    });

    it('COMMIT itself is lost, and MySQL notices late: the row is waited for, and it says that nothing was done', async () => {
      const played = proxy.at(/^COMMIT/, 'cut-unnoticed');
      const answer = await register({ name: 'Alice' }, 't-1');
      await played;
      expect(answer.json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
      expect(await users()).toEqual([]);
      expect((await register({ name: 'Alice' }, 't-1')).statusCode).toBe(201);
    });

    it('another call holds the key for long: nobody is told that nothing was done', async () => {
      const holder = await openIdleSession(direct);
      await holder.query('START TRANSACTION');
      await holder.query("INSERT INTO user_info (tx_no, user_id, name) VALUES ('t-1', 'u-1', 'Alice')");
      try {
        const answer = await register({ name: 'Alice' }, 't-1');
        expect([answer.statusCode, answer.json()]).toEqual([202, { txNo: 't-1', state: 'UNKNOWN' }]);
        expect(answer.headers['retry-after']).toBeDefined();
        await holder.query('COMMIT');
      } finally {
        // Where the lines above failed; the next user of the connection would find its locks.
        await holder.query('ROLLBACK');
        await holder.release();
      }
      const repeated = await register({ name: 'Alice' }, 't-1');
      expect([repeated.statusCode, repeated.json()]).toMatchObject([200, { userId: 'u-1' }]);
    });

    it('the database goes away at COMMIT: 202, and the same key tells what became of it', async () => {
      const played = proxy.at(/^COMMIT/, 'cut-after');
      void played.then(() => {
        proxy.down();
      });
      try {
        const answer = await register({ name: 'Alice' }, 't-1');
        expect([answer.statusCode, answer.json()]).toEqual([202, { txNo: 't-1', state: 'UNKNOWN' }]);
        expect(answer.headers['retry-after']).toBeDefined();
      } finally {
        proxy.up();
      }
      // The pool has connections that were cut, which the first calls may get.
      await eventually(async () => (await register({ name: 'Alice' }, 't-1')).statusCode === 200);
      expect(await users()).toHaveLength(1);
      await expectAgreement();
    });

    it('a crash after COMMIT leaves user and message; the caller repeats', async () => {
      meet({ point: 'service:registration.committed', action: 'throw', txNo: 't-1' });
      expect((await register({ name: 'Alice' }, 't-1')).json()).toMatchObject({
        status: 500,
        code: 'INTERNAL_ERROR',
      });
      expect((await register({ name: 'Alice' }, 't-1')).statusCode).toBe(200);
      await expectAgreement();
    });
  });
});
