import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { sharedCoordinator } from '../libs/seata/test/coordinator.js';
import { playRegistrationCrash, REGISTRATION_CRASHES } from './kit/registration-crashes.js';
import { RegistrationServices } from './kit/registration-services.js';

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

describe.each(TWO_PHASE_PATTERNS)('a registration under %s', (pattern) => {
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
});
