import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import { sharedCoordinator } from '../libs/seata/test/coordinator.js';
import { playRegistrationCrash, REGISTRATION_CRASHES } from './kit/registration-crashes.js';
import { RegistrationReader } from './kit/registration-reader.js';
import { PASSWORD, RegistrationServices, type Pattern } from './kit/registration-services.js';

const REGISTRATIONS = 500;
const CALLERS = 32;
/** Who is killed, and after how many answers. */
const KILLED = [
  ['identity', 120],
  ['user', 260],
] as const;
const ATTEMPTS_MAX = 200;
const PAUSE_MS = 300;

/** One of phase one and one of phase two; the others are in seata-registration.long-spec.ts. */
const CRASHES = REGISTRATION_CRASHES.filter(({ point }) =>
  (
    [
      'service:account-registration.user-made',
      'service:seata.rm.commit-received',
      'service:account.made',
      'service:seata.tcc.confirm-before-commit',
    ] as const
  ).some((one) => one === point),
);

describe.each<Pattern>(['AT', 'TCC'])('a registration under %s', (pattern) => {
  let services: RegistrationServices;

  beforeAll(async () => {
    services = await RegistrationServices.create(`reg_${pattern.toLowerCase()}`, await sharedCoordinator());
    await services.startBoth();
  });
  afterAll(() => services.close());

  it('makes user and account, once for each key', async () => {
    const order = { txNo: 'first', name: '张三' };
    const first = await services.register(pattern, order);
    const userId = String(first.body?.userId);
    expect([first.status, first.body]).toEqual([201, { ...order, pattern, userId, state: 'COMMITTED' }]);
    expect(first.headers.get('location')).toBe('/user/registrations/first');
    await services.ended();
    const again = await services.register(pattern, { ...order, name: ' 张三 ' });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect((await services.register(pattern, { ...order, name: '李四' })).body).toMatchObject({
      status: 409,
      code: 'TX_NO_CONFLICT',
    });
    expect((await services.registration('first')).body).toMatchObject({
      userId,
      pattern,
      state: 'COMMITTED',
    });
    expect((await services.user(userId)).body).toMatchObject({ name: '张三', state: 'ACTIVE' });
    expect((await services.account('张三')).body).toMatchObject({ userId, pattern, state: 'ACTIVE' });
    expect((await services.logIn('张三')).body).toEqual({ name: '张三', userId });
    expect((await services.logIn('张三', 'wrong horse')).body).toMatchObject({
      status: 401,
      code: 'LOGIN_REFUSED',
    });
    expect(await services.expectAgreement()).toEqual(['张三']);
    expect(await services.published()).toEqual(pattern === 'TCC' ? ['first'] : []);
  });

  it('is refused when user has the name, and leaves nothing behind', async () => {
    const order = { txNo: 'second-of-user', name: '张三' };
    expect((await services.register(pattern, order)).body).toMatchObject({ status: 409, code: 'NAME_TAKEN' });
    expect((await services.registration(order.txNo)).status).toBe(404);
    expect(await services.expectAgreement()).toEqual(['张三']);
  });

  it('is refused when identity has the name, and leaves nothing behind', async () => {
    await services.query(
      'identity',
      `INSERT INTO account (tx_no, pattern, user_id, name, password_hash, xid, state)
       VALUES ('other', 'TCC', 'other', 'Alice', 'none', 'none', 'ACTIVE')`,
    );
    try {
      const order = { txNo: 'second-of-identity', name: 'Alice' };
      const answer = await services.register(pattern, order);
      expect(answer.body).toMatchObject({ status: 409, code: 'NAME_TAKEN', txNo: order.txNo });
      await services.ended();
      expect((await services.registration(order.txNo)).body).toMatchObject({ state: 'ROLLED_BACK' });
    } finally {
      await services.query('identity', "DELETE FROM account WHERE tx_no = 'other'");
    }
    expect(await services.expectAgreement()).toEqual(['张三']);
  });

  it('is rolled back while identity is away, and made by the same key when it is back', async () => {
    const order = { txNo: 'away', name: 'Bob' };
    await services.kill('identity');
    expect((await services.register(pattern, order)).body).toMatchObject({
      status: 409,
      code: 'ROLLED_BACK',
      txNo: 'away',
    });
    await services.start('identity');
    await services.ended();
    expect(await services.expectAgreement()).not.toContain('Bob');
    expect((await services.register(pattern, order)).status).toBe(201);
    await services.ended();
    expect(await services.expectAgreement()).toContain('Bob');
  });

  it.each(CRASHES.filter((crash) => crash.pattern === pattern))(
    'leaves user and account in agreement when $killed is killed at $point',
    (crash) => playRegistrationCrash(services, crash),
  );

  it('of many at once, with repeated keys, equal names and two kills, is made at both or at neither, and no reader sees a half', async () => {
    const orders = manyOrders();
    const reader = new RegistrationReader(
      services,
      orders.map(({ txNo }) => txNo),
      PASSWORD,
    );
    const answers: { txNo: string; statuses: number[]; code: unknown }[] = [];
    const waiting = [...orders];
    const caller = async (): Promise<void> => {
      for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
        answers.push({ txNo: order.txNo, ...(await registerPatiently(services, pattern, order)) });
      }
    };
    const killer = async (): Promise<void> => {
      for (const [name, after] of KILLED) {
        await eventually(() => answers.length >= after, { timeoutMs: 300_000 });
        await services.replace(name);
      }
    };
    await Promise.all([killer(), ...Array.from({ length: CALLERS }, caller)]);
    await services.ended();
    await reader.stop();
    expect(reader.halves).toEqual([]);

    // Each name belongs to somebody: whoever was refused was so because somebody else has it.
    const names = (await services.expectAgreement()).filter((name) => name.startsWith('Many'));
    expect(names).toEqual([...new Set(orders.map(({ name }) => name))].sort());
    const made = new Set(
      (await services.query<{ txNo: string }>('user', 'SELECT tx_no AS txNo FROM user_info')).map(
        ({ txNo }) => txNo,
      ),
    );
    const wrong = answers.filter(({ txNo, statuses, code }) => {
      const isMade = [200, 201].includes(statuses.at(-1) ?? 0);
      return isMade ? !made.has(txNo) : code !== 'NAME_TAKEN';
    });
    expect(wrong).toEqual([]);
    expect(answers.flatMap(({ statuses }) => statuses)).not.toContain(500);
    const published = new Set(await services.published());
    expect([...made].filter((txNo) => published.has(txNo) !== (pattern === 'TCC'))).toEqual([]);
    // The readers have looked at what was under way, and not only at what was there or not.
    expect([...reader.seen.keys()].some((what) => what.includes('PENDING'))).toBe(true);
  });
});

/** 20 % repeat the key of another, 10 % have the name of another. */
function manyOrders(): { txNo: string; name: string }[] {
  return Array.from({ length: REGISTRATIONS }, (_, index) => {
    const repeated = index % 5 === 4 ? index - 2 : index;
    const named = index % 10 === 3 ? index - 1 : repeated;
    return { txNo: `many-${repeated}`, name: `Many ${named}` };
  });
}

/** As a caller does who wants to know: the same key again, until user and account are there or the name is somebody else's. */
async function registerPatiently(
  services: RegistrationServices,
  pattern: Pattern,
  order: { readonly txNo: string; readonly name: string },
): Promise<{ statuses: number[]; code: unknown }> {
  const statuses: number[] = [];
  for (let attempt = 1; ; attempt++) {
    const answer = await services.register(pattern, order).catch(() => undefined);
    statuses.push(answer?.status ?? 0);
    const code = answer?.body?.code;
    // A name is also refused while a registration is open that may be rolled back; its own caller goes on.
    if (answer?.status === 200 || answer?.status === 201 || code === 'NAME_TAKEN' || attempt === ATTEMPTS_MAX)
      return { statuses, code };
    await delay(PAUSE_MS);
  }
}
