import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NOTIFY_TOPIC, TOP_UP_WEBHOOK } from '@txmsg/contracts';
import { Webhook } from 'standardwebhooks';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import {
  acknowledge,
  breakOff,
  Receiver,
  type Behaviour,
  type ReceivedCall,
} from '../libs/webhooks/test/receiver.js';
import { serviceFaultPoints } from './fault-matrix/service-fault-points.js';
import { ADMIN_SETTINGS } from './kit/admin.js';
import { faults } from './kit/faults.js';
import { NotifierServices, type StoredDelivery } from './kit/notifier-services.js';
import { ResultSender } from './kit/result-sender.js';

/** What the service lists; none is picked by hand. */
const POINTS = await serviceFaultPoints(undefined, ['notifier']);
/** Longer than the test takes: a step comes when the clock is moved, and only then. */
const LADDER = [3600, 18_000, 36_000];
/** With the default deadline of a call: what a notifier that was killed keeps from others. */
const LEASE_SECONDS = 45;
/** A circuit is measured by the real time, and the clock is moved here. */
const SETTINGS = { ADMIN_TOKEN: ADMIN_SETTINGS.ADMIN_TOKEN, BREAKER_PAUSE_MS: '1' };
const KILLS_DEADLINE_MS = 600_000;
const END_DEADLINE_MS = 120_000;

const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

describe('results that are told over HTTP', () => {
  let services: NotifierServices;
  let sender: ResultSender;
  let receiver: Receiver;

  beforeAll(async () => {
    services = await NotifierServices.prepared('notifier');
    sender = await ResultSender.start(services.servers, services.named(NOTIFY_TOPIC));
    receiver = await Receiver.start();
  });
  afterAll(async () => {
    await sender.close();
    await services.close();
    await receiver.close();
  });

  const resultOf = (id: string) => ({ id, accountNo: '1', payAmount: '100.00', result: 'success' });
  const send = (id: string): Promise<void> => sender.deliver(id, resultOf(id));
  const verified = (secret: string, { body, headers }: ReceivedCall): unknown =>
    new Webhook(secret).verify(body, headers as Record<string, string>);

  it('reach a subscriber once each while two notifiers share the work', async () => {
    const [one, other] = await Promise.all([
      services.start('notifier', SETTINGS),
      services.start('notifier', SETTINGS),
    ]);
    const secret = newSecret();
    const subscriber = await services.subscribe(one, {
      ...{ name: 'well', url: receiver.url, events: [TOP_UP_WEBHOOK], secret },
    });
    const ids = Array.from({ length: 100 }, (_, index) => `t-${index}`);
    for (const id of ids) await send(id);
    // The same once more, and what nobody can read.
    await send('t-0');
    await sender.deliver('bad', { id: 'bad' });
    await eventually(
      async () =>
        (await services.deliveries(subscriber)).filter(({ state }) => state === 'ACKNOWLEDGED').length ===
        100,
      { timeoutMs: END_DEADLINE_MS },
    );
    const told = receiver.calls.map(
      (call) => verified(secret, call) as { type: string; data: { id: string } },
    );
    expect(told.map(({ data }) => data.id).sort()).toEqual([...ids].sort());
    expect(told.find(({ data }) => data.id === 't-7')).toMatchObject({
      type: 'topup.result',
      data: resultOf('t-7'),
    });
    const url = `subscribers/${subscriber}`;
    expect((await services.get(other, url)).text).not.toContain('whsec_');
    await Promise.all([one, other].map((service) => service.kill('SIGTERM')));
  });

  it(
    'fall on the ladder exactly, whatever notifier is killed at whatever step, and are given up and re-driven',
    async () => {
      const first = await services.start('notifier', SETTINGS);
      const secret = newSecret();
      const unproven: unknown[] = [];
      // Verifies each call when it comes, as subscribers do: five minutes later a signature is too old, and on a busy machine this test takes longer.
      const proving =
        (behaviour: Behaviour): Behaviour =>
        (call, response, request) => {
          try {
            verified(secret, call);
          } catch (error) {
            unproven.push(error);
          }
          behaviour(call, response, request);
        };
      const away = await Receiver.start(proving(breakOff));
      const subscriber = await services.subscribe(first, {
        ...{ name: 'away', url: away.url, events: [TOP_UP_WEBHOOK], secret, ladder: LADDER },
      });
      await first.kill('SIGTERM');
      for (const point of POINTS) await killAt(point);
      const survivors = await Promise.all([
        services.start('notifier', SETTINGS),
        services.start('notifier', SETTINGS),
      ]);
      // Every message is consumed, and what the killed ones had claimed is free.
      await eventually(async () => (await services.deliveries(subscriber)).length === POINTS.length, {
        timeoutMs: END_DEADLINE_MS,
      });
      await services.moveClock(LEASE_SECONDS);
      await climb(subscriber);
      const [one, other] = survivors;
      const query = `notifications?subscriber=${subscriber}&state=GIVEN_UP`;
      const given = (await services.get(one, query)).body?.notifications as { id: string; calls: number }[];
      expect(given.map(({ calls }) => calls)).toEqual(POINTS.map(() => LADDER.length + 1));
      // One call for each that is recorded; the one that was killed before it could record its call made one more.
      const recorded = POINTS.length * (LADDER.length + 1);
      expect(away.calls.length).toBeGreaterThan(recorded);
      expect(away.calls.length).toBeLessThanOrEqual(recorded + POINTS.length);
      away.behaviour = proving(acknowledge);
      for (const { id } of given) {
        expect((await services.post(other, `notifications/${id}/redrive`)).status).toBe(200);
      }
      await eventually(
        async () => (await services.deliveries(subscriber)).every(({ state }) => state === 'ACKNOWLEDGED'),
        { timeoutMs: END_DEADLINE_MS },
      );
      expect(unproven).toEqual([]);
      // The same bytes under one id, with every call.
      expect(new Set(away.calls.map(({ id, body }) => `${id} ${body}`)).size).toBe(POINTS.length);
      await Promise.all(survivors.map((service) => service.kill('SIGTERM')));
      await away.close();
    },
    KILLS_DEADLINE_MS,
  );

  /** Not waited for until it serves: what the one before it left behind may be due, and end it while it starts. */
  async function killAt(point: ServiceFaultPoint): Promise<void> {
    const victim = services.launch('notifier', { ...SETTINGS, ...faults({ point, action: 'kill' }) });
    await send(`kill-${point.replace('service:', '')}`);
    expect([point, (await victim.exited).signal]).toEqual([point, 'SIGKILL']);
  }

  /** Moves the clock from one call to the next: each is due exactly one pause after the one before, and none comes earlier. */
  async function climb(subscriber: string): Promise<void> {
    for (const [step, pauseSeconds] of LADDER.entries()) {
      const stored = await untilCalls(subscriber, step + 1);
      for (const { id, dueAtMs, callsMs } of stored)
        expect([id, dueAtMs - (callsMs.at(-1) ?? 0)]).toEqual([id, pauseSeconds * 1000]);
      await services.moveClock(pauseSeconds);
    }
    for (const { callsMs } of await untilCalls(subscriber, LADDER.length + 1)) {
      for (const [step, pauseSeconds] of LADDER.entries())
        expect((callsMs[step + 1] ?? 0) - (callsMs[step] ?? 0)).toBeGreaterThanOrEqual(pauseSeconds * 1000);
    }
  }

  function untilCalls(subscriber: string, calls: number): Promise<StoredDelivery[]> {
    return eventually(
      async () => {
        const stored = await services.deliveries(subscriber);
        return stored.every(({ callsMs, isClaimed }) => callsMs.length === calls && !isClaimed) && stored;
      },
      { timeoutMs: END_DEADLINE_MS },
    );
  }
});
