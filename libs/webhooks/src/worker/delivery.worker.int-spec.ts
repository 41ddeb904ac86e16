import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FaultInjector, InjectedFaultError, type FaultContext } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { MovableClock } from '../../test/movable-clock.js';
import { acknowledge, answer, breakOff, Receiver, type Behaviour } from '../../test/receiver.js';
import { createWebhookDatabase } from '../../test/webhook-database.js';
import { WebhookTest, type WebhookService } from '../../test/webhook-services.js';
import { DeliveryStore } from '../delivery/delivery.store.js';
import {
  DEFAULT_LADDER_SECONDS,
  WEBHOOK_FAULT_POINTS,
  type DeliveryDetail,
  type Subscriber,
} from '../index.js';

/** The lease with the calls' deadline of these tests. */
const LEASE_SECONDS = 35;
type Point = Parameters<FaultInjector['at']>[0];

/** Throws at one point, once, for one delivery. */
class ThrowOnce extends FaultInjector {
  point: Point | undefined;
  id: string | undefined;
  thrown = 0;

  at(point: Point, { txNo, txNos = [] }: FaultContext): Promise<void> {
    const isMine = txNo === this.id || txNos.includes(this.id ?? '');
    if (point !== this.point || !isMine) return Promise.resolve();
    this.point = undefined;
    this.thrown += 1;
    return Promise.reject(new InjectedFaultError(point));
  }
}

describe('workers on a real database', () => {
  let url: string;
  let clock: MovableClock;
  let well: Receiver;
  const test = new WebhookTest(
    () => url,
    () => clock,
  );

  beforeAll(() => {
    for (const level of ['log', 'warn', 'error'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
  });
  beforeEach(async () => {
    url = await createWebhookDatabase('worker');
    clock = new MovableClock();
    well = test.open(await Receiver.start());
  });
  afterEach(() => test.closeAll());

  const receiver = async (behaviour: Behaviour = acknowledge): Promise<Receiver> =>
    test.open(await Receiver.start(behaviour));
  /** How long after each recorded call the next one was, in seconds. */
  const pauses = ({ log }: DeliveryDetail): number[] =>
    log.slice(1).map(({ time }, index) => (time.getTime() - (log[index]?.time.getTime() ?? 0)) / 1000);

  it('call a subscriber that is away exactly on the ladder, give up, and deliver when re-driven', async () => {
    const service = await test.service();
    const away = await receiver(breakOff);
    const subscriber = await service.subscribe(away);
    const sound = await service.subscribe(well);
    await service.enqueue(subscriber, 'd-1');
    for (const [index, seconds] of DEFAULT_LADDER_SECONDS.entries()) {
      const { dueAt, log } = await service.untilCalls('d-1', index + 1);
      expect(dueAt?.getTime()).toBe((log.at(-1)?.time.getTime() ?? 0) + seconds * 1000);
      // A millisecond before, nobody calls.
      clock.moveMs(seconds * 1000 - 1);
      await service.untilClaimed(sound);
      expect(away.calls).toHaveLength(index + 1);
      clock.moveMs(1);
    }
    const given = await service.untilState('d-1', 'GIVEN_UP');
    expect(given).toMatchObject({ calls: 9, reason: 'LADDER_OVER', dueAt: null });
    expect(pauses(given)).toEqual([...DEFAULT_LADDER_SECONDS]);
    const query = { subscriberId: subscriber.id, state: 'GIVEN_UP' } as const;
    expect((await service.deliveries.list(query)).deliveries).toMatchObject([{ id: 'd-1' }]);
    clock.move(86_400);
    await service.untilClaimed(sound);
    expect(away.calls).toHaveLength(9);
    away.behaviour = acknowledge;
    expect(await service.deliveries.redrive('d-1')).toBe('REDRIVEN');
    expect(await service.untilState('d-1', 'ACKNOWLEDGED')).toMatchObject({ calls: 10, reason: null });
    expect(await service.deliveries.redrive('d-1')).toBe('NOT_GIVEN_UP');
    expect(await service.deliveries.redrive('d-2')).toBe('NOT_FOUND');
    // The same id and the same bytes, every time.
    expect(new Set(away.calls.map(({ id, body }) => `${id} ${body}`)).size).toBe(1);
  });

  it('go by the ladder of the subscriber, and by its Retry-After within bounds', async () => {
    const service = await test.service({ retryAfterMaxSeconds: 100 });
    const busy = await receiver(answer(503, { 'retry-after': '40' }));
    await service.enqueue(await service.subscribe(busy, { ladderSeconds: [7, 50] }), 'd-1');
    const dueInSeconds = async (calls: number): Promise<number> => {
      const { dueAt, log } = await service.untilCalls('d-1', calls);
      return ((dueAt?.getTime() ?? 0) - (log.at(-1)?.time.getTime() ?? 0)) / 1000;
    };
    expect(await dueInSeconds(1)).toBe(40);
    busy.behaviour = answer(503, { 'retry-after': '9999' });
    clock.move(40);
    expect(await dueInSeconds(2)).toBe(100);
    clock.move(100);
    await service.untilState('d-1', 'GIVEN_UP');
  });

  it('claim what is due once, however many they are', async () => {
    const services = await Promise.all([test.service(), test.service(), test.service()]);
    const [service] = services as [WebhookService, ...WebhookService[]];
    const subscribers = await Promise.all(Array.from({ length: 5 }, () => service.subscribe(well)));
    const ids = Array.from({ length: 100 }, (_, index) => `d-${index}`);
    await service.inTransaction(async (manager) => {
      for (const [index, id] of ids.entries()) {
        const subscriber = subscribers[index % 5]?.id ?? '';
        const event = { type: 'work.done', timestamp: new Date(), data: {} };
        await service.webhooks.enqueue(manager, { ...event, subscriber, id });
      }
    });
    for (const id of ids) await service.untilState(id, 'ACKNOWLEDGED');
    expect(well.idsCalled().sort()).toEqual([...ids].sort());
  });

  it.each(WEBHOOK_FAULT_POINTS)(
    'that fail at %s repeat a call at most, and the ladder goes on from it',
    async (point) => {
      const faults = new ThrowOnce();
      const service = await test.service({}, faults);
      const away = await receiver(breakOff);
      const subscriber = await service.subscribe(away, { ladderSeconds: [60, 300] });
      Object.assign(faults, { id: 'd-1', point });
      await service.enqueue(subscriber, 'd-1').catch(() => undefined);
      if (point === 'service:webhook.enqueued') {
        expect(await service.deliveries.find('d-1')).toBeUndefined();
        await service.enqueue(subscriber, 'd-1');
      }
      await eventually(() => faults.thrown === 1);
      const isLeft = ['service:webhook.before-call', 'service:webhook.called'].includes(point);
      if (isLeft) {
        await eventually(async () => (await service.delivery('d-1')).isClaimed);
        await service.untilClaimed(await service.subscribe(well));
        expect((await service.delivery('d-1')).calls).toBe(0);
        clock.move(LEASE_SECONDS);
      }
      await service.untilCalls('d-1', 1);
      clock.move(60);
      await service.untilCalls('d-1', 2);
      clock.move(300);
      const ended = await service.untilState('d-1', 'GIVEN_UP');
      expect(pauses(ended)).toEqual([60, 300]);
      expect(away.calls).toHaveLength(point === 'service:webhook.called' ? 4 : 3);
    },
  );

  it('record nothing for a delivery that was claimed again meanwhile', async () => {
    const service = await test.service({ callTimeoutMs: 60_000 });
    let release = (): void => undefined;
    const slow = await receiver((call, response) => {
      if (slow.calls.length > 1) acknowledge(call, response, response.req);
      else release = () => response.writeHead(500).end();
    });
    const subscriber = await service.subscribe(slow);
    await service.enqueue(subscriber, 'd-1');
    await eventually(() => slow.calls.length === 1);
    const other = await test.service();
    clock.move(120);
    await other.untilState('d-1', 'ACKNOWLEDGED');
    release();
    await service.close();
    const { state, log } = await other.delivery('d-1');
    expect([state, log.map(({ outcome }) => outcome)]).toEqual(['ACKNOWLEDGED', ['ACKNOWLEDGED']]);
  });

  it('record nothing about a call that the shutdown cuts, which is repeated after its lease', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn');
    warn.mockClear();
    const service = await test.service({ shutdownTimeoutMs: 100 });
    const silent = await receiver(() => undefined);
    await service.enqueue(await service.subscribe(silent), 'd-1');
    await eventually(() => silent.calls.length === 1);
    const record = jest.spyOn(service.get(DeliveryStore), 'record');
    await service.close();
    const left = {
      message: 'a webhook delivery was left to its lease',
      delivery: 'd-1',
      cause: expect.stringMatching(/^CallCutError/),
    };
    await eventually(() => {
      expect(warn).toHaveBeenCalledWith(expect.objectContaining(left));
    });
    expect(record).not.toHaveBeenCalled();
    const other = await test.service();
    expect(await other.delivery('d-1')).toMatchObject({ state: 'PENDING', calls: 0, isClaimed: true });
    silent.behaviour = acknowledge;
    clock.move(LEASE_SECONDS);
    expect(await other.untilState('d-1', 'ACKNOWLEDGED')).toMatchObject({ calls: 1 });
  });

  it('let nobody wait for a subscriber that hangs, whatever waits for it', async () => {
    const service = await test.service({ callTimeoutMs: 60_000, concurrency: 4 });
    const hanging = await receiver(() => undefined);
    const sound = await service.subscribe(well);
    await service.untilClaimed(sound);
    const stuck = await Promise.all(Array.from({ length: 6 }, () => service.subscribe(hanging)));
    for (const [index, subscriber] of stuck.entries()) {
      await service.enqueue(subscriber, ...Array.from({ length: 10 }, (_, one) => `stuck-${index}-${one}`));
    }
    const ids = Array.from({ length: 30 }, (_, index) => `d-${index}`);
    await service.enqueue(sound, ...ids);
    for (const id of ids) await service.untilState(id, 'ACKNOWLEDGED');
    // Those that hang have half of the process at most, and one call each.
    expect(hanging.calls.length).toBeLessThanOrEqual(2);
    await hanging.close();
  });

  it('let nobody wait for another subscriber at the same host', async () => {
    const service = await test.service({ callTimeoutMs: 60_000, concurrencyPerSubscriber: 1 });
    const host = await receiver((call, response, request) => {
      if (call.path === '/ok') acknowledge(call, response, request);
    });
    const subscriberAt = (path: string): Promise<Subscriber> =>
      service.subscribe({ url: `http://127.0.0.1:${host.port}${path}` });
    await service.enqueue(await subscriberAt('/hang'), 'hanging');
    await eventually(() => host.calls.length === 1);
    await service.enqueue(await subscriberAt('/ok'), 'd-1');
    expect(await service.untilState('d-1', 'ACKNOWLEDGED')).toMatchObject({ calls: 1 });
    expect(await service.delivery('hanging')).toMatchObject({ calls: 0, isClaimed: true });
    await host.close();
  });

  it('switch an endpoint off that answers 410: what it should hear is given up, and told when it is back', async () => {
    const service = await test.service();
    const gone = await receiver(answer(410));
    const subscriber = await service.subscribe(gone);
    await service.enqueue(subscriber, 'd-1');
    expect(await service.untilState('d-1', 'GIVEN_UP')).toMatchObject({ reason: 'GONE', calls: 1 });
    const off = { state: 'OFF', stateReason: 'it answered 410' };
    expect(await service.subscribers.find(subscriber.id)).toMatchObject(off);
    await service.enqueue(subscriber, 'd-2');
    expect(await service.untilState('d-2', 'GIVEN_UP')).toMatchObject({ reason: 'SUBSCRIBER_OFF', calls: 0 });
    expect(gone.calls).toHaveLength(1);
    expect(await service.deliveries.redrive('d-2')).toBe('SUBSCRIBER_OFF');
    gone.behaviour = acknowledge;
    await service.subscribers.update(subscriber.id, { state: 'ACTIVE' });
    for (const id of ['d-1', 'd-2']) {
      expect(await service.deliveries.redrive(id)).toBe('REDRIVEN');
      await service.untilState(id, 'ACKNOWLEDGED');
    }
  });

  describe('when a call is answered 410 late', () => {
    /** A receiver that answers 410 as soon as the test calls the function. */
    const holding = async (): Promise<{ readonly held: Receiver; readonly release: () => void }> => {
      const answers: (() => void)[] = [];
      const held = await receiver((_call, response) => {
        answers.push(() => response.writeHead(410).end());
      });
      const release = (): void => {
        for (const end of answers.splice(0)) end();
      };
      return { held, release };
    };

    it('leave a subscriber on that has another URL by then, and call it there', async () => {
      const service = await test.service({ callTimeoutMs: 60_000 });
      const { held, release } = await holding();
      const { id } = await service.subscribe(held, { ladderSeconds: [60] });
      await service.enqueue({ id }, 'd-1');
      await eventually(() => held.calls.length === 1);
      await service.subscribers.update(id, { url: well.url });
      release();
      const { state, log } = await service.untilCalls('d-1', 1);
      expect(state).toBe('PENDING');
      expect(log).toMatchObject([{ outcome: 'REFUSED', status: 410 }]);
      expect(await service.subscribers.find(id)).toMatchObject({ state: 'ACTIVE', url: well.url });
      clock.move(60);
      expect(await service.untilState('d-1', 'ACKNOWLEDGED')).toMatchObject({ calls: 2 });
      expect(well.idsCalled()).toEqual(['d-1']);
    });

    it('leave a subscriber on that was switched off and on again', async () => {
      const service = await test.service({ callTimeoutMs: 60_000 });
      const { held, release } = await holding();
      const { id } = await service.subscribe(held);
      await service.enqueue({ id }, 'd-1');
      await eventually(() => held.calls.length === 1);
      clock.move(1);
      for (const state of ['OFF', 'ACTIVE'] as const) await service.subscribers.update(id, { state });
      release();
      expect(await service.untilCalls('d-1', 1)).toMatchObject({ state: 'PENDING' });
      expect(await service.subscribers.find(id)).toMatchObject({ state: 'ACTIVE' });
    });

    it('give up every delivery that was answered so, the first of which switched the subscriber off', async () => {
      const service = await test.service({ callTimeoutMs: 60_000 });
      const { held, release } = await holding();
      const hold = held.behaviour;
      held.behaviour = acknowledge;
      const { id } = await service.subscribe(held);
      await service.enqueue({ id }, 'd-0');
      await service.untilState('d-0', 'ACKNOWLEDGED');
      held.behaviour = hold;
      await service.enqueue({ id }, 'd-1', 'd-2');
      await eventually(() => held.calls.length === 3);
      clock.move(1);
      release();
      for (const one of ['d-1', 'd-2'])
        expect(await service.untilState(one, 'GIVEN_UP')).toMatchObject({ reason: 'GONE', calls: 1 });
      expect(await service.subscribers.find(id)).toMatchObject({ state: 'OFF' });
    });
  });

  it('give up all that a subscriber should hear which is off, without waiting for the next scan', async () => {
    const service = await test.service({ scanIntervalMs: 60_000 });
    const { id } = await service.subscribe(well);
    await service.subscribers.update(id, { state: 'OFF' });
    // More than are given up in one round.
    const ids = Array.from({ length: 600 }, (_, index) => `d-${index}`);
    await service.enqueue({ id }, ...ids);
    const givenUp = async (): Promise<number> => {
      const [row] = await service.dataSource.query<{ n: string }[]>(
        `SELECT COUNT(*) AS n FROM webhook_delivery
         WHERE state = 'GIVEN_UP' AND reason = 'SUBSCRIBER_OFF' AND calls_total = 0 AND end_time IS NOT NULL`,
      );
      return Number(row?.n);
    };
    await eventually(async () => (await givenUp()) === ids.length);
    expect(well.calls).toEqual([]);
  });

  it('have one effect each at a receiver that goes by webhook-id, whatever becomes of its answers', async () => {
    // Long enough for the calls that are answered, on a busy machine too.
    const service = await test.service({ callTimeoutMs: 3000 });
    const effects = new Map<string, number>();
    const late: Behaviour = () => undefined;
    const half: Behaviour = (_call, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half', () => response.socket?.destroy());
    };
    const troubles: readonly Behaviour[] = [late, half, breakOff, answer(500)];
    const seen = new Map<string, number>();
    const careful = await receiver((call, response, request) => {
      // The effect is made once, however often it is called; its first two answers are lost in some way.
      if (!effects.has(call.id)) effects.set(call.id, 1);
      const times = (seen.get(call.id) ?? 0) + 1;
      seen.set(call.id, times);
      const trouble = troubles[Number(call.id.slice(-1))] ?? acknowledge;
      (times <= 2 ? trouble : acknowledge)(call, response, request);
    });
    const subscriber = await service.subscribe(careful);
    const ids = troubles.map((_, index) => `d-${index}`);
    await service.enqueue(subscriber, ...ids);
    for (const [calls, seconds] of [60, 300].entries()) {
      for (const id of ids) await service.untilCalls(id, calls + 1);
      clock.move(seconds);
    }
    for (const id of ids) expect(await service.untilState(id, 'ACKNOWLEDGED')).toMatchObject({ calls: 3 });
    expect([...effects.values()]).toEqual(ids.map(() => 1));
  });

  it('refuse a name that leads to a private address, and go on when it does not any more', async () => {
    const service = await test.service({
      lookup: (_hostname, _options, callback) => {
        process.nextTick(callback, null, [{ address: '169.254.169.254', family: 4 }]);
      },
    });
    const target = { url: `https://name.example:${well.port}/hook` };
    await service.enqueue(await service.subscribe(target, { allowPrivateAddresses: false }), 'd-1');
    const { log, state } = await service.untilCalls('d-1', 1);
    expect(state).toBe('PENDING');
    expect(log).toMatchObject([{ outcome: 'FORBIDDEN_ADDRESS', status: null }]);
    expect(well.calls).toEqual([]);
  });
});
