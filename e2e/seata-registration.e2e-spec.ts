import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RegistrationService } from '@txmsg/contracts';
import { eventually } from 'txmsg/testing';
import { sharedCoordinator } from '../libs/seata/test/coordinator.js';
import { faults } from './kit/faults.js';
import type { Answer } from './kit/http.js';
import { RegistrationReader } from './kit/registration-reader.js';
import { PASSWORD, RegistrationServices, type Pattern } from './kit/registration-services.js';
import type { ServiceProcess } from './kit/service-process.js';

const REGISTRATIONS = 500;
const CALLERS = 32;
const KILL_AFTER = [120, 260] as const;

/** Fault points of each phase, where the process is killed, and whether user and account are there in the end. */
const KILLS: readonly (readonly [Pattern, RegistrationService, string, boolean])[] = [
  ['AT', 'user', 'service:account-registration.begun', false],
  ['AT', 'user', 'service:account-registration.user-made', false],
  ['AT', 'user', 'service:account-registration.account-made', false],
  ['AT', 'user', 'service:seata.tm.commit-answered', true],
  ['AT', 'user', 'service:seata.at.commit-deleted', true],
  ['AT', 'identity', 'service:account.received', false],
  ['AT', 'identity', 'service:seata.at.undo-written', false],
  ['AT', 'identity', 'service:account.made', false],
  ['AT', 'identity', 'service:seata.rm.commit-received', true],
  ['TCC', 'user', 'service:account-registration.begun', false],
  ['TCC', 'user', 'service:account-registration.user-made', false],
  ['TCC', 'user', 'service:account-registration.account-made', false],
  ['TCC', 'user', 'service:seata.tcc.confirm-before-commit', true],
  ['TCC', 'identity', 'service:account.made', false],
  ['TCC', 'identity', 'service:seata.tcc.try-before-commit', false],
  ['TCC', 'identity', 'service:seata.tcc.confirm-executed', true],
  ['TCC', 'identity', 'service:seata.tcc.confirmed', true],
];

describe.each<Pattern>(['AT', 'TCC'])('a registration under %s', (pattern) => {
  let services: RegistrationServices;
  let user: ServiceProcess;
  let identity: ServiceProcess;

  beforeAll(async () => {
    services = await RegistrationServices.create(`reg_${pattern.toLowerCase()}`, await sharedCoordinator());
    ({ user, identity } = await services.startBoth());
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
    await services.killService(identity);
    expect((await services.register(pattern, order)).body).toMatchObject({
      status: 409,
      code: 'ROLLED_BACK',
      txNo: 'away',
    });
    identity = await services.start('identity');
    await services.ended();
    expect(await services.expectAgreement()).not.toContain('Bob');
    expect((await services.register(pattern, order)).status).toBe(201);
    await services.ended();
    expect(await services.expectAgreement()).toContain('Bob');
  });

  it.each(KILLS.filter(([of]) => of === pattern))(
    '%s: when %s is killed at %s, user and account agree (both there: %s)',
    async (_, killed, point, isMade) => {
      const before = await services.expectAgreement();
      const name = `Killed at ${point} of ${killed}`;
      const order = { txNo: `${killed}-${point.replaceAll(':', '-')}`, name };
      await services.killService(killed === 'user' ? user : identity);
      const faulty = await services.start(killed, faults({ point: point as never, action: 'kill' }));
      const answer = await services.register(pattern, order).catch(() => undefined);
      await Promise.race([faulty.exited, eventually(() => !faulty.isRunning, { timeoutMs: 60_000 })]);
      await services.killService(faulty);
      const back = await services.start(killed);
      if (killed === 'user') user = back;
      else identity = back;
      await services.ended();
      expect(await services.expectAgreement()).toEqual(isMade ? [...before, name].sort() : before);
      if (answer?.status === 201) expect(isMade).toBe(true);
      if (answer?.status === 409) expect(isMade).toBe(false);
      // The same key brings every one of them to its end.
      const repeated = await services.register(pattern, order);
      expect(repeated.status).toBe(isMade ? 200 : 201);
      await services.ended();
      expect(await services.expectAgreement()).toEqual([...before, name].sort());
      expect((await services.logIn(name)).status).toBe(200);
    },
  );

  it('of many at once, with repeated keys, equal names and two kills, is made at both or at neither, and no reader sees a half', async () => {
    const orders = manyOrders();
    const reader = new RegistrationReader(
      services,
      orders.map(({ txNo }) => txNo),
      PASSWORD,
    );
    const answers = new Map<string, number[]>();
    let done = 0;
    let next = 0;
    const caller = async (): Promise<void> => {
      for (let order = orders[next++]; order !== undefined; order = orders[next++]) {
        const status = await services.register(pattern, order).then(
          (answer: Answer) => answer.status,
          () => 0,
        );
        answers.set(order.txNo, [...(answers.get(order.txNo) ?? []), status]);
        done += 1;
      }
    };
    const killer = async (): Promise<void> => {
      await eventually(() => done >= KILL_AFTER[0], { timeoutMs: 120_000 });
      await services.killService(identity);
      identity = await services.start('identity');
      await eventually(() => done >= KILL_AFTER[1], { timeoutMs: 120_000 });
      await services.killService(user);
      user = await services.start('user');
    };
    await Promise.all([killer(), ...Array.from({ length: CALLERS }, caller)]);
    await services.ended();
    await reader.stop();
    const names = await services.expectAgreement();
    expect(reader.halves).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    const made = new Set(
      (await services.query<{ txNo: string }>('user', 'SELECT tx_no AS txNo FROM user_info')).map(
        ({ txNo }) => txNo,
      ),
    );
    const wrong = [...answers].filter(
      ([txNo, statuses]) => statuses.some((status) => [200, 201].includes(status)) && !made.has(txNo),
    );
    expect(wrong).toEqual([]);
    expect([...answers].filter(([, statuses]) => statuses.includes(500))).toEqual([]);
    expect(made.size).toBeGreaterThan(REGISTRATIONS / 4);
    if (pattern === 'TCC') expect(await services.published()).toEqual([...made].sort());
    console.info(`${pattern}: ${made.size} made; readers saw`, Object.fromEntries(reader.seen));
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
