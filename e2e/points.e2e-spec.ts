import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USER_REGISTERED_TOPIC } from '@txmsg/contracts';
import { workOnEach } from 'txmsg';
import { FAULT_POINTS, type FaultRule } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { NOBODY } from './fault-matrix/nobody.js';
import { pointsToKillAt } from './fault-matrix/points-to-kill-at.js';
import { serviceFaultPoints } from './fault-matrix/service-fault-points.js';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import { faults } from './kit/faults.js';
import { call } from './kit/http.js';
import { POINTS, PointsBooks } from './kit/points-books.js';
import { register } from './kit/registration-load.js';
import { ResultSender } from './kit/result-sender.js';
import type { ServiceProcess } from './kit/service-process.js';
import { TestServices } from './kit/test-services.js';

type Point = FaultRule['point'];

const USERS = 200;
/** As many callers as may wait for an answer at the same time. */
const ALL_AT_ONCE = { atOnceMax: 16, signal: new AbortController().signal };
const END_DEADLINE_MS = 120_000;
/** One process for each point, one after another; a busy machine takes long to start them. */
const KILLS_DEADLINE_MS = 600_000;
const CALL_DEADLINE_MS = 15_000;
const ANNOUNCING = { LOG_LEVEL: 'debug', ...faults(NOBODY) };

/** What a registration with an account meets, which custody.e2e-spec and seata-registration.e2e-spec kill at. */
const WITH_AN_ACCOUNT = /^service:(?:custody-|account-registration\.)/;
/** What the library and the services list for a registration alone; none is picked by hand. */
const USER_POINTS: readonly Point[] = [
  ...(await serviceFaultPoints(undefined, ['user'])).filter((point) => !WITH_AN_ACCOUNT.test(point)),
  ...FAULT_POINTS.filter((point) => point.startsWith('outbox.')),
];
const CONSUMING_POINTS = FAULT_POINTS.filter((point) => point.startsWith('consume.'));
const DEAD_LETTER_POINTS = FAULT_POINTS.filter((point) => point.startsWith('dead-letter.'));

describe('users and their points', () => {
  let services: TestServices<'user' | 'points'>;
  let books: PointsBooks;
  let unwatch: () => Promise<readonly string[]>;

  beforeAll(async () => {
    services = await TestServices.of(['user', 'points'], 'points');
    books = new PointsBooks(services);
    unwatch = books.watch();
  });
  afterAll(async () => {
    await services.close();
    await books.close();
  });

  const passedBy = (service: ServiceProcess): Set<unknown> =>
    new Set(
      service
        .logs()
        .filter(({ message }) => message === 'fault point passed')
        .map(({ point }) => point),
    );

  it('registers 200 users at once, each several times: one user and its points for each key', async () => {
    const [one, other, points] = await Promise.all([
      services.start('user', ANNOUNCING),
      services.start('user'),
      services.start('points', ANNOUNCING),
    ]);
    const calls = Array.from({ length: 3 * USERS }, (_, index) => ({
      user: index % 2 === 0 ? one : other,
      // Neighbours have the same key, so that they meet.
      txNo: `together-${Math.floor(index / 3)}`,
      name: `User ${Math.floor(index / 3)}`,
    }));
    const answers = await workOnEach(calls, ALL_AT_ONCE, async ({ user, ...registration }) => ({
      ...registration,
      answer: await register(user, registration),
    }));
    const stored = answers.filter(({ answer }) => [200, 201].includes(answer.status));
    // A slow machine may refuse or leave open one of three calls; another one of the same key has been answered.
    expect(new Set(answers.map(({ answer }) => answer.status))).not.toContain(500);
    for (const { txNo, name, answer } of stored) {
      expect(answer.body).toEqual({ txNo, name, userId: await books.userId(txNo) });
    }
    const first = stored.filter(({ answer }) => answer.status === 201).map(({ txNo }) => txNo);
    expect(new Set(first).size).toBe(first.length);
    await books.expectAgreement(END_DEADLINE_MS);
    expect(await books.userCount()).toBe(new Set(stored.map(({ txNo }) => txNo)).size);
    expect(await books.deadLetters()).toEqual([]);
    // What the crashes below are about: the lists are what the services do pass.
    await eventually(() => USER_POINTS.every((point) => passedBy(one).has(point)));
    await eventually(() => CONSUMING_POINTS.every((point) => passedBy(points).has(point)));
    const userId = String(stored[0]?.answer.body?.userId);
    expect((await call(`${points.url}/accounts/${userId}`)).body).toEqual({ userId, points: POINTS });
    await Promise.all([one, other, points].map((service) => service.kill('SIGTERM')));
  });

  it(
    'user is killed at every point: a registration is made once or not at all, and so are its points',
    async () => {
      const points = await services.start('points');
      const registrations = USER_POINTS.map((point) => ({ point, txNo: `user-${point}`, name: point }));
      for (const { point, txNo, name } of registrations) {
        const victim = await services.start('user', faults({ point, action: 'kill', txNo }));
        // A relay is killed after its caller has the answer.
        await register(victim, { txNo, name }, CALL_DEADLINE_MS).catch(() => undefined);
        expect([point, (await victim.exited).signal]).toEqual([point, 'SIGKILL']);
      }
      const before = new Map<string, string | undefined>();
      for (const { txNo } of registrations) before.set(txNo, await books.userId(txNo));
      const survivor = await services.start('user');
      for (const { txNo, name } of registrations) {
        const { status, body } = await register(survivor, { txNo, name });
        const userId = before.get(txNo);
        expect([txNo, status]).toEqual([txNo, userId === undefined ? 201 : 200]);
        if (userId !== undefined) expect(body?.userId).toBe(userId);
      }
      await books.expectAgreement(END_DEADLINE_MS);
      await eventually(async () => (await books.waiting()) === 0);
      await Promise.all([survivor, points].map((service) => service.kill('SIGTERM')));
    },
    KILLS_DEADLINE_MS,
  );

  it(
    'points is killed as it receives: the points of each registration are added once',
    async () => {
      const user = await services.start('user');
      const registrations = pointsToKillAt(CONSUMING_POINTS).map((point) => ({
        point,
        txNo: `points-${point}`,
        name: point,
      }));
      for (const { point, txNo, name } of registrations) {
        const victim = await services.start('points', faults({ point, action: 'kill', txNo }));
        expect((await register(user, { txNo, name })).status).toBe(201);
        expect([point, (await victim.exited).signal]).toEqual([point, 'SIGKILL']);
      }
      const survivor = await services.start('points');
      await books.expectAgreement(END_DEADLINE_MS);
      expect(await books.deadLetters()).toEqual([]);
      await Promise.all([survivor, user].map((service) => service.kill('SIGTERM')));
    },
    KILLS_DEADLINE_MS,
  );

  it('and nobody who is no user ever had points', async () => {
    expect(await unwatch()).toEqual([]);
  });
});

describe('messages about registrations that user did not send', () => {
  let services: TestServices<'user' | 'points'>;
  let books: PointsBooks;
  let sender: ResultSender;

  beforeAll(async () => {
    services = await TestServices.of(['user', 'points'], 'foreign_points');
    books = new PointsBooks(services);
    sender = await ResultSender.start(services.servers, services.named(USER_REGISTERED_TOPIC));
  });
  afterAll(async () => {
    await sender.close();
    await services.close();
    await books.close();
  });

  it('with bad bodies become dead letters at once, which an operator sees and dismisses', async () => {
    const points = await services.start('points', ADMIN_SETTINGS);
    await sender.deliver('bad-text', Buffer.from('no JSON'));
    await sender.deliver('bad-none', { txNo: 'bad-none' });
    await sender.deliver('bad-user', { txNo: 'bad-user', userId: 'not an identifier' });
    await sender.deliver('bad-fields', { txNo: 'bad-fields', userId: ['u-1'] });
    await eventually(async () => (await books.deadLetters()).length === 4);
    expect(new Set((await books.deadLetters()).map(({ reason }) => reason))).toEqual(new Set(['POISON']));
    const listed = await new Admin(points).command('dead-letters list');
    expect([listed.exitCode, listed.output]).toEqual([0, expect.stringContaining('POISON')]);
    await points.kill('SIGTERM');
  });

  it('of a user of another database: points cannot tell, and adds them to an account that none of ours has', async () => {
    const points = await services.start('points');
    await sender.deliver('foreign-1', { txNo: 'foreign-1', userId: 'their-user', name: 'Eve' });
    // The same once more, as a sender in another language writes it: numbers, other fields.
    await sender.deliver('7', { txNo: 7, userId: 1234567890123456789n.toString(), extra: {} });
    await eventually(async () => (await books.pointsOf('their-user')) === POINTS);
    await eventually(async () => (await books.pointsOf('1234567890123456789')) === POINTS);
    expect(await books.userId('foreign-1')).toBeUndefined();
    await points.kill('SIGTERM');
  });

  it(
    'under a used txNo are conflicts, also when points is killed while it stores them',
    async () => {
      const conflicts = pointsToKillAt(DEAD_LETTER_POINTS).map((point) => ({
        point,
        txNo: `taken-${point}`,
      }));
      const first = await services.start('points');
      for (const { txNo } of conflicts) await sender.deliver(txNo, { txNo, userId: `first-${txNo}` });
      for (const { txNo } of conflicts) {
        await eventually(async () => (await books.pointsOf(`first-${txNo}`)) === POINTS);
      }
      await first.kill('SIGTERM');
      for (const { point, txNo } of conflicts) {
        const victim = await services.start('points', faults({ point, action: 'kill', txNo }));
        await sender.deliver(txNo, { txNo, userId: `second-${txNo}` });
        expect([point, (await victim.exited).signal]).toEqual([point, 'SIGKILL']);
      }
      const survivor = await services.start('points');
      const txNos = conflicts.map(({ txNo }) => txNo).sort();
      await eventually(
        async () => {
          const letters = (await books.deadLetters()).filter(({ reason }) => reason === 'TX_NO_CONFLICT');
          expect(letters.map(({ txNo }) => txNo)).toEqual(txNos);
        },
        { timeoutMs: END_DEADLINE_MS },
      );
      for (const txNo of txNos) {
        expect(await books.pointsOf(`first-${txNo}`)).toBe(POINTS);
        expect(await books.pointsOf(`second-${txNo}`)).toBeUndefined();
      }
      await survivor.kill('SIGTERM');
    },
    KILLS_DEADLINE_MS,
  );
});
