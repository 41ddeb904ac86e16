import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PASSWORD_RULE } from '@txmsg/contracts';
import { createServiceHttp, loadSettings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { ConfiguredFaults, FaultInjector, type FaultRule } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { sharedCoordinator } from '../../../../libs/seata/test/coordinator.js';
import { PATIENT_SETTINGS } from '../../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from '../app.module.js';
import { UserSettings } from '../user-settings.js';
import { ACCOUNT_REGISTRATION_FAULT_POINTS } from './account-registration.fault-points.js';

const DATABASE = 'test_user_account_registration';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const PASSWORD = 'correct horse';
const COMMON = {
  ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
  LOG_LEVEL: 'fatal',
  ...PATIENT_SETTINGS,
};

interface Row {
  readonly state: string;
  readonly held_name: string | null;
}

/** The module graph of user with a real coordinator; the broker is away, and the test is identity, without a branch of its own. */
describe('registrations with a login account', () => {
  let app: NestFastifyApplication;
  let direct: DataSource;
  let identity: Server;
  /** What identity answers next; it is called while both are pending. */
  let answer: (
    body: Record<string, unknown>,
    request: IncomingMessage,
  ) => Promise<[status: number, body: object]>;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'user', DATABASE);
    direct = await new DataSource({ type: 'mysql', url }).initialize();
    identity = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        void answer(JSON.parse(String(Buffer.concat(chunks))) as Record<string, unknown>, request).then(
          ([status, body]) => {
            response.writeHead(status, { 'content-type': 'application/json' });
            response.end(JSON.stringify(body));
          },
        );
      });
    });
    await new Promise<void>((resolve) => identity.listen(0, '127.0.0.1', resolve));
    const settings = loadSettings(UserSettings, {
      ...COMMON,
      MYSQL_URL: url,
      SEATA_SERVER: await sharedCoordinator(),
      SEATA_APPLICATION_ID: 'user-int-spec',
      IDENTITY_URL: `http://127.0.0.1:${(identity.address() as AddressInfo).port}`,
      GLOBAL_TIMEOUT_MS: '20000',
      CUSTODY_URL: 'http://127.0.0.1:1',
      RECONCILE_INTERVAL_MS: '0',
      REGISTRATION_END_INTERVAL_MS: '0',
      FAULTS: '[]',
    });
    app = await eventually(() => createServiceHttp(AppModule.forRoot(settings), settings, 'user'));
    await app.init();
    await eventually(async () => {
      const { details } = (await app.inject('/user/health/ready')).json<{ details: object }>();
      expect(details).toMatchObject({ seata: { status: 'up' } });
    });
  });
  afterAll(async () => {
    await app.close();
    await direct.destroy();
    await new Promise((resolve) => identity.close(resolve));
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    answer = accepted;
    for (const table of ['user_info', 'registration', 'local_message', 'undo_log', 'tcc_fence_log']) {
      await direct.query(`DELETE FROM ${table}`);
    }
  });
  afterEach(() => {
    meet();
  });

  /** As identity answers whose branch is made. */
  const accepted: typeof answer = ({ txNo, userId, name }, { headers }) =>
    Promise.resolve([200, { xid: headers.tx_xid, txNo, userId, name, state: 'PENDING' }]);
  const meet = (...rules: FaultRule[]): void => {
    app.get<ConfiguredFaults>(FaultInjector).replace(rules);
  };
  const register = (body: object, key?: string) =>
    app.inject({
      method: 'POST',
      url: '/user/registrations',
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
      payload: JSON.stringify({ password: PASSWORD, ...body }),
    });
  const rowOf = async (txNo: string): Promise<Row | undefined> =>
    (await direct.query<Row[]>('SELECT state, held_name FROM registration WHERE tx_no = ?', [txNo]))[0];
  const users = async (): Promise<number> => (await direct.query<object[]>('SELECT 1 FROM user_info')).length;
  const nothingOpen = (): Promise<unknown> =>
    eventually(async () => {
      expect(await direct.query('SELECT xid FROM undo_log WHERE log_status = 0')).toEqual([]);
      expect(await direct.query('SELECT xid FROM tcc_fence_log WHERE status = 1')).toEqual([]);
    });

  describe.each(['at', 'tcc'])('under %s', (pattern) => {
    it('reads as pending while identity is asked, and as active afterwards; nothing may be done for the user before', async () => {
      let seen: unknown[] = [];
      answer = async (body, request) => {
        const { userId, password, ...order } = body;
        const { headers, url } = request;
        const id = String(userId);
        const custody = await app.inject({ method: 'POST', url: `/user/users/${id}/custody-account` });
        seen = [
          { order, password, url, xid: typeof headers.tx_xid },
          (await app.inject(`/user/users/${id}`)).json(),
          (await app.inject('/user/registrations/t-1')).json(),
          custody.json(),
        ];
        return accepted(body, request);
      };
      const made = await register({ pattern, name: ' 张三 ' }, 't-1');
      const { userId } = made.json<{ userId: string }>();
      expect([made.statusCode, made.json()]).toEqual([
        201,
        { txNo: 't-1', pattern: pattern.toUpperCase(), userId, name: '张三', state: 'COMMITTED' },
      ]);
      expect(seen).toMatchObject([
        {
          order: { txNo: 't-1', name: '张三' },
          password: PASSWORD,
          url: `/identity/${pattern}/accounts`,
          xid: 'string',
        },
        { userId, name: '张三', state: 'PENDING' },
        { userId, state: 'OPEN' },
        { status: 409, code: 'USER_PENDING' },
      ]);
      await nothingOpen();
      expect((await app.inject(`/user/users/${userId}`)).json()).toMatchObject({ state: 'ACTIVE' });
      expect((await app.inject('/user/registrations/t-1')).json()).toMatchObject({ state: 'COMMITTED' });
      const custody = await app.inject({ method: 'POST', url: `/user/users/${userId}/custody-account` });
      expect(custody.statusCode).toBe(202);
      const messages = await direct.query<{ tx_no: string; body: Buffer }[]>(
        'SELECT tx_no, body FROM local_message',
      );
      expect(messages.map(({ body }) => JSON.parse(String(body)) as unknown)).toEqual(
        pattern === 'tcc' ? [{ txNo: 't-1', userId }] : [],
      );
    });

    it.each([
      ['identity has the name', 409, { code: 'NAME_TAKEN' }, 'NAME_TAKEN', 'has a login account'],
      ['identity is out of order', 500, {}, 'ROLLED_BACK', 'nothing of it remains'],
      [
        'identity has yet to undo an earlier account',
        409,
        { code: 'TX_NO_CONFLICT' },
        'ROLLED_BACK',
        'which it has yet to undo',
      ],
    ])('leaves nothing behind when %s, and may be asked for again', async (_, status, body, code, why) => {
      answer = () => Promise.resolve([status, body]);
      expect((await register({ pattern, name: 'Alice' }, 't-1')).json()).toMatchObject({
        status: 409,
        code,
        detail: expect.stringContaining(why),
      });
      await nothingOpen();
      await eventually(async () => {
        expect(await rowOf('t-1')).toEqual({ state: 'ROLLED_BACK', held_name: null });
      });
      expect([await users(), await direct.query('SELECT * FROM local_message')]).toEqual([0, []]);
      answer = accepted;
      expect((await register({ pattern, name: 'Alice' }, 't-2')).statusCode).toBe(201);
      expect((await register({ pattern, name: 'Alice' }, 't-1')).json()).toMatchObject({
        code: 'NAME_TAKEN',
      });
      expect((await register({ pattern, name: 'Alicia' }, 't-1')).json()).toMatchObject({
        code: 'TX_NO_CONFLICT',
      });
    });

    it.each([
      { xid: undefined },
      { xid: '10.1.2.3:8091:42' },
      { txNo: 't-9' },
      { userId: 'somebody' },
      { name: undefined },
    ])('is rolled back when the answer is no receipt for it: %j', async (other) => {
      answer = async (body, request) => {
        const [status, receipt] = await accepted(body, request);
        return [status, { ...receipt, ...other }];
      };
      const refused = await register({ pattern, name: 'Alice' }, 't-1');
      expect(refused.json()).toMatchObject({ status: 409, code: 'ROLLED_BACK' });
      await nothingOpen();
      expect(await users()).toBe(0);
    });

    it('is refused under a key of the other kind of registration, and the other way round', async () => {
      const payload = JSON.stringify({ name: 'Alice' });
      const plain = (key: string) =>
        app.inject({
          method: 'POST',
          url: '/user/register',
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
          payload,
        });
      const first = await plain('t-1');
      expect(first.statusCode).toBe(201);
      expect((await register({ pattern, name: 'Alice' }, 't-1')).json()).toMatchObject({
        code: 'TX_NO_CONFLICT',
      });
      const { userId } = first.json<{ userId: string }>();
      expect((await app.inject(`/user/users/${userId}`)).json()).toMatchObject({ state: 'ACTIVE' });
      expect((await register({ pattern, name: 'Alice' }, 't-2')).statusCode).toBe(201);
      expect((await plain('t-2')).json()).toMatchObject({ status: 409, code: 'TX_NO_CONFLICT' });
    });

    it('of many callers with one key and one name is made once', async () => {
      // On a busy machine a call may be too late to open its row, or to begin its global transaction; it comes again.
      const ask = (key: string) =>
        eventually(async () => {
          const made = await register({ pattern, name: 'Wanted' }, key);
          return made.statusCode !== 503 && made;
        });
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) => ask(index % 3 === 0 ? `own-${index}` : 'same')),
      );
      await nothingOpen();
      expect(answers.map(({ statusCode }) => statusCode).filter((status) => status === 201)).toHaveLength(1);
      for (const { statusCode } of answers) expect([200, 201, 202, 409]).toContain(statusCode);
      expect(await users()).toBe(1);
    });

    it.each(ACCOUNT_REGISTRATION_FAULT_POINTS.slice(0, 3))(
      'is rolled back when it fails at %s, and made by the same key',
      async (point) => {
        meet({ point, action: 'throw', txNo: 't-1' });
        const failed = await register({ pattern, name: 'Alice' }, 't-1');
        expect(failed.json()).toMatchObject({ status: 409, code: 'ROLLED_BACK', txNo: 't-1' });
        await nothingOpen();
        await eventually(async () => {
          expect(await rowOf('t-1')).toEqual({ state: 'ROLLED_BACK', held_name: null });
        });
        expect(await users()).toBe(0);
        expect((await register({ pattern, name: 'Alice' }, 't-1')).statusCode).toBe(201);
      },
    );

    it('was committed when only the answer is lost: the same key says so', async () => {
      meet({ point: 'service:account-registration.ended', action: 'throw', txNo: 't-1' });
      expect((await register({ pattern, name: 'Alice' }, 't-1')).statusCode).toBe(500);
      await nothingOpen();
      expect((await register({ pattern, name: 'Alice' }, 't-1')).statusCode).toBe(200);
      expect(await users()).toBe(1);
    });
  });

  it.each([
    [{ pattern: 'saga', name: 'A' }, 'pattern'],
    [{ pattern: 'AT', name: 'A' }, 'pattern'],
    [{ name: 'A' }, 'pattern'],
    [{ pattern: 'at', name: '' }, 'name'],
    [{ pattern: 'at', name: 'A', nick: 'B' }, 'nick'],
  ])('refuses %j', async (body, field) => {
    expect((await register(body, 't-1')).json()).toMatchObject({ status: 400, errors: [{ field }] });
  });

  it('shows no password in the answer to a bad one', async () => {
    const bad = await register({ pattern: 'at', name: 'A', password: 'secret7' }, 't-1');
    expect(bad.json()).toMatchObject({ errors: [{ field: 'password', rule: PASSWORD_RULE }] });
    expect(bad.body).not.toContain('secret7');
  });

  it('refuses a key with ":" under AT alone', async () => {
    expect((await register({ pattern: 'at', name: 'A' }, 'a:b')).json()).toMatchObject({
      status: 400,
      errors: [{ field: 'Idempotency-Key', value: 'a:b' }],
    });
    expect((await register({ pattern: 'tcc', name: 'A' }, 'a:b')).statusCode).toBe(201);
  });

  it('knows no other registration', async () => {
    expect((await app.inject('/user/registrations/none')).json()).toMatchObject({
      status: 404,
      code: 'REGISTRATION_NOT_FOUND',
    });
  });

  it('are off in a service without the coordinator and identity, which works as ever', async () => {
    const url = await createServiceDatabase(rootUrl, 'user', `${DATABASE}_off`);
    const settings = loadSettings(UserSettings, { ...COMMON, MYSQL_URL: url });
    const off = await createServiceHttp(AppModule.forRoot(settings), settings, 'user');
    try {
      await off.init();
      const expected = { status: 501, code: 'IDENTITY_NOT_CONFIGURED' };
      expect((await off.inject({ method: 'POST', url: '/user/registrations' })).json()).toMatchObject(
        expected,
      );
      expect((await off.inject('/user/registrations/t-1')).json()).toMatchObject(expected);
      expect((await off.inject('/user/users/nobody')).statusCode).toBe(404);
    } finally {
      await off.close();
    }
  });
});
