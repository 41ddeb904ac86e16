import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FAULT_POINTS, type FaultRule } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { isOfJobs } from './fault-matrix/discovery.js';
import { pointsToKillAt } from './fault-matrix/points-to-kill-at.js';
import { serviceFaultPoints } from './fault-matrix/service-fault-points.js';
import { CustodyWorld } from './kit/custody-services.js';
import { faults } from './kit/faults.js';
import type { ServiceProcess } from './kit/service-process.js';

type Point = FaultRule['point'];

const END_DEADLINE_MS = 120_000;
/** One process for each point, one after another; a busy machine takes long to start them. */
const KILLS_DEADLINE_MS = 600_000;

/** What the library and the services list; none is picked by hand. Custody's step needs nothing prepared. */
const CUSTODY_POINTS = pointsToKillAt([
  ...(await serviceFaultPoints(undefined, ['custody'])),
  ...FAULT_POINTS.filter((point) => isOfJobs(point) && point !== 'job.prepared'),
  ...FAULT_POINTS.filter((point) => point.startsWith('outbox.')),
]);
const USER_POINTS = pointsToKillAt(await serviceFaultPoints(undefined, ['user']));
const ofUser = (part: string): readonly Point[] =>
  USER_POINTS.filter((point) => point.startsWith(`service:custody-${part}.`));

describe('an account at the custody bank', () => {
  let world: CustodyWorld;
  /** Registers and requests, and never asks. */
  let user: ServiceProcess;

  beforeAll(async () => {
    world = await CustodyWorld.create('custody');
    user = await world.services.start('user', world.userSettings(false));
  }, KILLS_DEADLINE_MS);
  afterAll(async () => {
    await world.close();
  });

  const killed = async (victim: ServiceProcess, point: Point): Promise<void> => {
    expect([point, (await victim.exited).signal]).toEqual([point, 'SIGKILL']);
  };

  it(
    'is opened, and a webhook tells of it: twice, as a notifier does that got no answer',
    async () => {
      const custody = await world.startCustody();
      const userId = await world.registered(user, 'told');
      const requestNo = await world.requested(user, userId);
      const result = await world.result(requestNo);
      expect(result).toMatchObject({ requestNo, status: 'OPENED', reason: null });
      for (let time = 0; time < 2; time++) {
        expect((await world.notify(user, 'webhook-told', result)).status).toBe(204);
      }
      expect((await world.notify(user, 'webhook-told', { ...result, requestNo: 'other' })).status).toBe(409);
      expect(await world.disagreements([userId])).toEqual([]);
      expect((await world.ask(user, userId)).body).toMatchObject({ requestNo, state: 'OPENED' });
      await custody.kill('SIGTERM');
    },
    END_DEADLINE_MS,
  );

  it(
    'is opened, and no webhook ever tells of it: user asks, and the one that comes late changes nothing',
    async () => {
      const custody = await world.startCustody({ OPENING_TAKES_MS: '1000' });
      const userId = await world.registered(user, 'untold');
      const requestNo = await world.requested(user, userId);
      expect(await world.requestsOf(userId)).toMatchObject([{ requestNo, state: 'REQUESTED' }]);
      const asking = await world.services.start('user', world.userSettings(true));
      await world.untilOpened(userId);
      const late = await world.notify(user, 'webhook-late', await world.result(requestNo));
      expect(late.status).toBe(204);
      expect(await world.disagreements([userId])).toEqual([]);
      await Promise.all([asking, custody].map((service) => service.kill('SIGTERM')));
    },
    END_DEADLINE_MS,
  );

  it(
    'is opened once when custody is killed at its fault points',
    async () => {
      const asking = await world.services.start('user', world.userSettings(true));
      const userIds: string[] = [];
      for (const point of CUSTODY_POINTS) {
        world.custodyAddress.leadTo(undefined);
        const userId = await world.registered(user, `custody-${point}`);
        userIds.push(userId);
        // Custody is away, so that the number is known before custody is.
        const txNo = await world.requested(user, userId);
        const victim = world.services.launch('custody', faults({ point, action: 'kill', txNo }));
        world.custodyAddress.leadTo(victim);
        await killed(victim, point);
      }
      const survivor = await world.startCustody();
      await world.endLeases();
      for (const userId of userIds) await world.untilOpened(userId);
      expect(await world.disagreements(userIds)).toEqual([]);
      // Each result goes out as well, for whoever notifies.
      for (const userId of userIds) {
        const [request] = await world.requestsOf(userId);
        await world.result(request?.requestNo ?? '');
      }
      await Promise.all([asking, survivor].map((service) => service.kill('SIGTERM')));
    },
    KILLS_DEADLINE_MS,
  );

  it(
    'is opened once when user is killed as it asks for it',
    async () => {
      const custody = await world.startCustody();
      const points = ofUser('request');
      expect(points).not.toEqual([]);
      const userIds: string[] = [];
      for (const point of points) {
        const userId = await world.registered(user, `request-${point}`);
        userIds.push(userId);
        const settings = { ...world.userSettings(false), ...faults({ point, action: 'kill' }) };
        const victim = await world.services.start('user', settings);
        await world.ask(victim, userId).catch(() => undefined);
        await killed(victim, point);
      }
      const survivor = await world.services.start('user', world.userSettings(true));
      for (const userId of userIds) {
        const before = await world.requestsOf(userId);
        const { status, body } = await world.ask(survivor, userId);
        // The caller repeats: what was stored is found, what was not is stored now.
        expect(status).toBe(before.length === 0 ? 202 : 200);
        if (before[0] !== undefined) expect(body?.requestNo).toBe(before[0].requestNo);
      }
      for (const userId of userIds) await world.untilOpened(userId);
      expect(await world.disagreements(userIds)).toEqual([]);
      await Promise.all([survivor, custody].map((service) => service.kill('SIGTERM')));
    },
    KILLS_DEADLINE_MS,
  );

  it(
    'is opened once when user is killed as it asks what became of it',
    async () => {
      const custody = await world.startCustody();
      const points = ofUser('reconciliation');
      expect(points).not.toEqual([]);
      const userIds: string[] = [];
      for (const point of points) {
        world.custodyAddress.leadTo(undefined);
        const userId = await world.registered(user, `asking-${point}`);
        userIds.push(userId);
        await world.requested(user, userId);
        world.custodyAddress.leadTo(custody);
        const settings = { ...world.userSettings(true), ...faults({ point, action: 'kill' }) };
        await killed(world.services.launch('user', settings), point);
      }
      const survivor = await world.services.start('user', world.userSettings(true));
      for (const userId of userIds) await world.untilOpened(userId);
      expect(await world.disagreements(userIds)).toEqual([]);
      await Promise.all([survivor, custody].map((service) => service.kill('SIGTERM')));
    },
    KILLS_DEADLINE_MS,
  );

  it(
    'is recorded once when user is killed as it receives the webhook, which comes again',
    async () => {
      const custody = await world.startCustody();
      const points = ofUser('webhook');
      expect(points).not.toEqual([]);
      const told: { readonly id: string; readonly userId: string; readonly result: object }[] = [];
      for (const [index, point] of points.entries()) {
        const userId = await world.registered(user, `webhook-${point}`);
        const result = await world.result(await world.requested(user, userId));
        told.push({ id: `webhook-${index}`, userId, result });
        const settings = { ...world.userSettings(false), ...faults({ point, action: 'kill' }) };
        const victim = await world.services.start('user', settings);
        await world.notify(victim, `webhook-${index}`, result).catch(() => undefined);
        await killed(victim, point);
      }
      await eventually(async () => {
        for (const { id, result } of told) expect((await world.notify(user, id, result)).status).toBe(204);
      });
      expect(await world.disagreements(told.map(({ userId }) => userId))).toEqual([]);
      await custody.kill('SIGTERM');
    },
    KILLS_DEADLINE_MS,
  );
});
