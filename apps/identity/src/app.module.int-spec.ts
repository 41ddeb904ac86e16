import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PASSWORD_RULE } from '@txmsg/contracts';
import {
  currentGlobalTransaction,
  GlobalTransactions,
  xidHeaders,
  type GlobalTransactionResult,
} from '@txmsg/seata';
import { createServiceHttp, loadSettings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { sharedCoordinator } from '../../../libs/seata/test/coordinator.js';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { IdentitySettings } from './identity-settings.js';

const DATABASE = 'test_identity_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const PASSWORD = 'correct horse';

/** The whole module graph, as main.ts starts it, with a real coordinator; the tests are the user centre. */
describe("identity's AppModule", () => {
  let app: NestFastifyApplication;
  let direct: DataSource;
  const written: unknown[] = [];

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error', 'debug', 'verbose'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((...line: unknown[]) => written.push(line));
    }
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'identity', DATABASE);
    direct = await new DataSource({ type: 'mysql', url }).initialize();
    const settings = loadSettings(IdentitySettings, {
      MYSQL_URL: url,
      SEATA_SERVER: await sharedCoordinator(),
      SEATA_APPLICATION_ID: 'identity-int-spec',
      PASSWORD_HASH_COST: '1',
      ...PATIENT_SETTINGS,
    });
    app = await eventually(() => createServiceHttp(AppModule.forRoot(settings), settings, 'identity'));
    await app.init();
    await eventually(async () => (await app.inject('/identity/health/ready')).statusCode === 200);
  });
  afterAll(async () => {
    await app.close();
    await direct.destroy();
    jest.restoreAllMocks();
  });

  const post = (url: string, payload: object, headers: Readonly<Record<string, string>> = {}) =>
    app.inject({
      method: 'POST',
      url: `/identity/${url}`,
      headers: { 'content-type': 'application/json', ...headers },
      payload: JSON.stringify(payload),
    });
  const stateOf = async (name: string): Promise<unknown> => {
    const answer = await app.inject(`/identity/accounts/${encodeURIComponent(name)}`);
    return answer.json<{ state?: unknown; code?: unknown }>().state ?? answer.json<{ code: unknown }>().code;
  };
  const login = async (name: string, password = PASSWORD): Promise<number> =>
    (await post('logins', { name, password })).statusCode;

  /** A global transaction with an account; `meanwhile` runs before its end, and decides it by throwing or not. */
  const within = (
    pattern: string,
    order: { readonly txNo: string; readonly name: string },
    meanwhile: () => Promise<void>,
  ): Promise<GlobalTransactionResult<void>> =>
    app.get(GlobalTransactions).run(
      async () => {
        const body = { ...order, userId: `user-of-${order.txNo}`, password: PASSWORD };
        const answer = await post(`${pattern}/accounts`, body, xidHeaders());
        if (answer.statusCode !== 200) throw new Error(answer.body);
        const { userId } = body;
        const xid = currentGlobalTransaction()?.xid;
        expect(answer.json()).toEqual({ ...order, userId, xid, state: 'PENDING' });
        await meanwhile();
      },
      { name: 'test', timeoutMs: 30_000 },
    );

  describe.each(['at', 'tcc'])('an account under %s', (pattern) => {
    it('is pending until the global transaction is committed, and then usable', async () => {
      const order = { txNo: `made-${pattern}`, name: `张三 ${pattern} 😀`.padEnd(60, '漢') };
      const { status } = await within(pattern, order, async () => {
        expect(await stateOf(order.name)).toBe('PENDING');
        expect(await login(order.name)).toBe(401);
      });
      expect(status).toBe('COMMITTED');
      await eventually(async () => {
        expect(await stateOf(order.name)).toBe('ACTIVE');
      });
      const answer = await post('logins', { name: ` ${order.name}`, password: PASSWORD });
      expect([answer.statusCode, answer.json()]).toEqual([
        200,
        { name: order.name, userId: `user-of-${order.txNo}` },
      ]);
      expect(await login(order.name, 'wrong horse')).toBe(401);
    });

    it('is gone when the global transaction is rolled back', async () => {
      const order = { txNo: `undone-${pattern}`, name: `Undone ${pattern}` };
      const cause = new Error('the other side refuses');
      const result = await within(pattern, order, () => Promise.reject(cause));
      expect(result).toMatchObject({ status: 'ROLLED_BACK', cause });
      await eventually(async () => {
        expect(await stateOf(order.name)).toBe('ACCOUNT_NOT_FOUND');
      });
      expect(await login(order.name)).toBe(401);
    });

    it('is refused when the name has one, also one that is pending', async () => {
      const order = { txNo: `one-${pattern}`, name: `One ${pattern}` };
      const { status } = await within(pattern, order, async () => {
        const body = { ...order, txNo: `other-${pattern}`, userId: 'other', password: PASSWORD };
        const answer = await post(`${pattern}/accounts`, body, xidHeaders());
        expect(answer.json()).toMatchObject({ status: 409, code: 'NAME_TAKEN' });
      });
      expect(status).toBe('COMMITTED');
    });

    it('of many with one name at the same time is there once', async () => {
      const name = `Wanted ${pattern}`;
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          within(pattern, { txNo: `wanted-${pattern}-${index}`, name }, () => Promise.resolve()),
        ),
      );
      expect(results.filter(({ status }) => status === 'COMMITTED')).toHaveLength(1);
      expect(await direct.query('SELECT COUNT(*) AS n FROM account WHERE name = ?', [name])).toEqual([
        { n: '1' },
      ]);
    });
  });

  it('keeps passwords out of its rows, its answers, its log and what the coordinator stores', async () => {
    const secret = 'a-very-secret-word';
    const bad = await post('tcc/accounts', {
      txNo: 'a b',
      userId: 'u',
      name: 'n',
      password: secret.slice(0, 7),
    });
    expect(bad.json()).toMatchObject({
      errors: expect.arrayContaining([{ field: 'password', rule: PASSWORD_RULE }]),
    });
    const result = await app.get(GlobalTransactions).run(
      async ({ xid }) => {
        const body = { txNo: 'secret', userId: 'u', name: 'Secret', password: secret };
        expect((await post('at/accounts', body, xidHeaders())).statusCode).toBe(200);
        const [log] = await direct.query<{ rollback_info: Buffer }[]>(
          'SELECT rollback_info FROM undo_log WHERE xid = ?',
          [xid],
        );
        expect(String(log?.rollback_info)).toContain('Secret');
        expect(String(log?.rollback_info)).not.toContain(secret);
      },
      { name: 'secret' },
    );
    // Rolled back when something in it was not as expected.
    expect(result).toEqual({ status: 'COMMITTED', xid: expect.any(String) });
    const rows = await direct.query<{ password_hash: string }[]>('SELECT * FROM account');
    expect(rows.map((row) => row.password_hash)).toEqual(
      rows.map(() => expect.stringMatching(/^scrypt\$16384\$8\$1\$/)),
    );
    expect(JSON.stringify([rows, written])).not.toContain(secret);
    expect(JSON.stringify(written)).not.toContain('scrypt$');
  });

  it('refuses an account without a global transaction, and with what is none', async () => {
    const body = { txNo: 't-1', userId: 'u-1', name: 'Nobody', password: PASSWORD };
    expect((await post('tcc/accounts', body)).json()).toMatchObject({
      status: 400,
      errors: [{ field: 'TX_XID' }],
    });
    expect((await post('tcc/accounts', body, { tx_xid: 'nonsense' })).statusCode).toBe(400);
    const unknown = await post('at/accounts', body, { tx_xid: '10.1.2.3:8091:42' });
    expect(unknown.json()).toMatchObject({ status: 409, code: 'ROLLED_BACK' });
    expect(await stateOf('Nobody')).toBe('ACCOUNT_NOT_FOUND');
  });

  it.each([
    [{ name: 'Nobody', password: 'x' }, 401],
    [{ name: 'Nobody', password: '' }, 401],
    [{ name: '', password: PASSWORD }, 400],
    [{ name: 'Nobody', password: 5 }, 400],
    [{ name: 'Nobody', password: 'x'.repeat(1025) }, 400],
    [{ name: 'Nobody' }, 400],
  ])('answers the login %j with %i, and does not show the password', async (body, status) => {
    const answer = await post('logins', body);
    expect(answer.statusCode).toBe(status);
    expect(
      answer.json<{ errors?: object[] }>().errors?.filter((error) => 'value' in error && body.name !== '') ??
        [],
    ).toEqual([]);
  });

  it('takes as long for a name without an account as for a wrong password', async () => {
    const timed = async (name: string): Promise<number> => {
      const begunAtMs = performance.now();
      await login(name, 'wrong horse');
      return performance.now() - begunAtMs;
    };
    // By turns, so that what else the machine does slows down both.
    const times: Record<'there' | 'absent', number[]> = { there: [], absent: [] };
    for (let index = 0; index < 9; index++) {
      times.there.push(await timed('One at'));
      times.absent.push(await timed('No such name'));
    }
    const [there = 0, absent = 0] = [times.there, times.absent].map(
      (series) => series.sort((one, other) => one - other)[2],
    );
    expect(absent).toBeGreaterThan(there / 3);
    expect(there).toBeGreaterThan(absent / 3);
  });
});
