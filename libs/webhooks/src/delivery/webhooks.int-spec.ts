import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import {
  DatabaseTransactions,
  InvalidArgumentError,
  TxMsgConfigurationError,
  TxNoConflictError,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import { MovableClock } from '../../test/movable-clock.js';
import { Receiver } from '../../test/receiver.js';
import { createWebhookDatabase } from '../../test/webhook-database.js';
import { EVENT, newSecret, WebhookTest, type WebhookService } from '../../test/webhook-services.js';
import { DatabaseClock, type Subscriber } from '../index.js';
import { DeliveryPurge } from './delivery.purge.js';

const DAY_MS = 86_400_000;

/** The clock of a database that is 40 days ahead of this process. */
class ClockAhead extends DatabaseClock {
  override async now(entityManager: EntityManager): Promise<Date> {
    return new Date((await super.now(entityManager)).getTime() + 40 * DAY_MS);
  }
}

describe('webhooks on a real database', () => {
  let url: string;
  let clock: MovableClock;
  let service: WebhookService;
  let receiver: Receiver;
  const test = new WebhookTest(
    () => url,
    () => clock,
  );

  beforeAll(() => {
    for (const level of ['log', 'warn', 'error'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
  });
  beforeEach(async () => {
    url = await createWebhookDatabase('webhooks');
    clock = new MovableClock();
    service = await test.service();
    receiver = test.open(await Receiver.start());
  });
  afterEach(() => test.closeAll());

  const rows = async (table: string): Promise<number> => {
    const [row] = await service.dataSource.query<{ n: string }[]>(`SELECT COUNT(*) AS n FROM ${table}`);
    return Number(row?.n);
  };

  /** Of each secret, whether a call to the subscriber is signed with it. */
  const signs = async (subscriber: Subscriber, id: string, ...secrets: string[]): Promise<boolean[]> => {
    await service.enqueue(subscriber, id);
    await service.untilState(id, 'ACKNOWLEDGED');
    const call = receiver.calls.find((one) => one.id === id);
    return secrets.map((secret) => {
      const time = Number(call?.headers['webhook-timestamp']) * 1000;
      const signature = new Webhook(secret).sign(id, new Date(time), call?.body ?? '');
      return String(call?.headers['webhook-signature']).split(' ').includes(signature);
    });
  };

  it('tells what a transaction commits, signed, and nothing of one that is rolled back', async () => {
    const secret = newSecret();
    const subscriber = await service.subscribe(receiver, { secret });
    await service.inTransaction(
      (manager) => service.webhooks.enqueue(manager, { ...EVENT, subscriber: subscriber.id, id: 'gone' }),
      'ROLLBACK',
    );
    await service.enqueue(subscriber, 'd-1');
    const delivery = await service.untilState('d-1', 'ACKNOWLEDGED');
    expect(delivery).toMatchObject({ subscriberId: subscriber.id, type: EVENT.type, calls: 1, dueAt: null });
    expect(delivery.log).toMatchObject([{ number: 1, outcome: 'ACKNOWLEDGED', status: 204, detail: '' }]);
    expect(receiver.idsCalled()).toEqual(['d-1']);
    const [call] = receiver.calls;
    expect(call?.headers).toMatchObject({
      'content-type': 'application/json',
      'accept-encoding': 'identity',
    });
    const told = new Webhook(secret).verify(call?.body ?? '', call?.headers as Record<string, string>);
    expect(told).toEqual({ ...EVENT, timestamp: EVENT.timestamp.toISOString() });
    expect(await service.deliveries.find('gone')).toBeUndefined();
  });

  it('takes the same again for a repetition, and other contents under the same id for a conflict', async () => {
    const subscriber = await service.subscribe(receiver);
    const enqueue = (data: object) =>
      service.inTransaction((manager) =>
        service.webhooks.enqueue(manager, { ...EVENT, data, subscriber: subscriber.id, id: 'd-1' }),
      );
    expect(await enqueue({ n: 1 })).toBe('ENQUEUED');
    expect(await enqueue({ n: 1 })).toBe('EXISTS');
    await expect(enqueue({ n: 2 })).rejects.toBeInstanceOf(TxNoConflictError);
    expect(await rows('webhook_delivery')).toBe(1);
  });

  it('refuses what it could not keep: no transaction, no such subscriber, bad ids, types and times, a body of 1 MB', async () => {
    const { id: subscriber } = await service.subscribe(receiver);
    const notification = { ...EVENT, subscriber, id: 'd-1' };
    const outside = service.webhooks.enqueue(service.dataSource.manager, notification);
    await expect(outside).rejects.toThrow(/running transaction/);
    for (const wrong of [
      { subscriber: 'sub_nobody' },
      { id: 'a b' },
      { type: 'work done' },
      { timestamp: new Date('yesterday') },
      { data: { text: 'a'.repeat(1_048_576) } },
    ]) {
      const refused = service.inTransaction((manager) =>
        service.webhooks.enqueue(manager, { ...notification, ...wrong }),
      );
      await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError);
    }
  });

  it('tells every subscriber of a type once, however often the event comes', async () => {
    const hearing = [await service.subscribe(receiver), await service.subscribe(receiver)];
    await service.subscribe(receiver, { events: ['work.begun'] });
    await service.subscribers.remove((await service.subscribe(receiver)).id);
    const all = { ...EVENT, key: 'work-1' };
    for (let time = 0; time < 2; time++) {
      const told = await service.inTransaction((manager) => service.webhooks.enqueueForAll(manager, all));
      expect(told).toBe(2);
    }
    const { deliveries } = await service.deliveries.list();
    expect(deliveries.map(({ subscriberId }) => subscriberId).sort()).toEqual(
      hearing.map(({ id }) => id).sort(),
    );
    for (const { id } of deliveries) await service.untilState(id, 'ACKNOWLEDGED');
    expect(receiver.idsCalled().sort()).toEqual(deliveries.map(({ id }) => id).sort());
    await service.inTransaction((manager) =>
      service.webhooks.enqueueForAll(manager, { ...all, key: 'work-2' }),
    );
    expect(await rows('webhook_delivery')).toBe(4);
  });

  it('tells many of a large event: no statement is larger than MySQL takes', async () => {
    await Promise.all(Array.from({ length: 9 }, () => service.subscribe(receiver)));
    const data = { text: 'a'.repeat(250_000) };
    const statementBytes: number[] = [];
    const told = await service.inTransaction(async (manager) => {
      const query = jest.spyOn(manager, 'query');
      const count = await service.webhooks.enqueueForAll(manager, { ...EVENT, data, key: 'work-1' });
      // Bodies are Buffers, which go out in hexadecimal.
      for (const [sql, parameters = []] of query.mock.calls)
        if (sql.startsWith('INSERT'))
          statementBytes.push(Buffer.byteLength((parameters as unknown[]).map(hex).join()));
      return count;
    });
    expect([told, await rows('webhook_delivery')]).toEqual([9, 9]);
    // Four bodies and what else their rows have.
    expect(statementBytes).toHaveLength(3);
    expect(Math.max(...statementBytes)).toBeLessThan(2 * 1_048_576);
  });

  it('signs with two secrets at a time: a third ends the first at once, and the older ends in time', async () => {
    const [first, second, third] = [newSecret(), newSecret(), newSecret()];
    const subscriber = await service.subscribe(receiver, { secret: first });
    const accepting = (id: string): Promise<boolean[]> => signs(subscriber, id, first, second, third);
    expect(await accepting('d-1')).toEqual([true, false, false]);
    await service.subscribers.rotateSecret(subscriber.id, second, 3600);
    expect(await accepting('d-2')).toEqual([true, true, false]);
    clock.move(1);
    await service.subscribers.rotateSecret(subscriber.id, third, 3600);
    expect(await accepting('d-3')).toEqual([false, true, true]);
    clock.move(3600);
    expect(await accepting('d-4')).toEqual([false, false, true]);
    const stored = await service.dataSource.query<{ sealed: Buffer }[]>('SELECT sealed FROM webhook_secret');
    for (const { sealed } of stored) {
      for (const secret of [first, second, third]) expect(sealed.includes(secret.slice(6))).toBe(false);
    }
  });

  it('changes nothing when a rotation is repeated: the secret before ends when the first call said', async () => {
    const [first, second] = [newSecret(), newSecret()];
    const subscriber = await service.subscribe(receiver, { secret: first });
    const rotated = await service.subscribers.rotateSecret(subscriber.id, second, 3600);
    clock.move(1800);
    expect(await service.subscribers.rotateSecret(subscriber.id, second, 3600)).toEqual(rotated);
    expect(await signs(subscriber, 'd-1', first, second)).toEqual([true, true]);
    clock.move(1800);
    expect(await signs(subscriber, 'd-2', first, second)).toEqual([false, true]);
    expect(await rows('webhook_secret')).toBe(2);
  });

  it('takes a new secret for one that cannot be opened any more, and signs with it at once', async () => {
    const [lost, found] = [newSecret(), newSecret()];
    const subscriber = await service.subscribe(receiver, { secret: lost });
    await service.close();
    service = await test.service({ encryptionKeys: [Buffer.alloc(32, 1).toString('base64')] });
    // The one that cannot be opened stays valid for a day.
    await service.subscribers.rotateSecret(subscriber.id, found);
    expect(await signs(subscriber, 'd-1', lost, found)).toEqual([false, true]);
    expect(await rows('webhook_secret')).toBe(2);
  });

  it('calls nobody with an older secret alone: the newest was stored under a key that is not configured', async () => {
    const subscriber = await service.subscribe(receiver);
    const newKey = Buffer.alloc(32, 1).toString('base64');
    const other = await test.service({ encryptionKeys: [newKey, ...test.encryptionKeys] });
    await other.subscribers.rotateSecret(subscriber.id, newSecret());
    await other.close();
    await service.enqueue(subscriber, 'd-1');
    const well = test.open(await Receiver.start());
    await service.untilClaimed(await service.subscribe(well));
    expect(receiver.calls).toEqual([]);
    expect(await service.delivery('d-1')).toMatchObject({ state: 'PENDING', calls: 0 });
  });

  it('calls nobody whose secret was stored under a key that is not configured, and does when it is back', async () => {
    const subscriber = await service.subscribe(receiver);
    await service.close();
    const other = await test.service({ encryptionKeys: [Buffer.alloc(32, 1).toString('base64')] });
    await other.enqueue(subscriber, 'd-1');
    const well = test.open(await Receiver.start());
    await other.untilClaimed(await other.subscribe(well));
    expect(receiver.calls).toEqual([]);
    await other.close();
    clock.move(60);
    const keys = [Buffer.alloc(32, 1).toString('base64'), ...test.encryptionKeys];
    const both = await test.service({ encryptionKeys: keys });
    await both.untilState('d-1', 'ACKNOWLEDGED');
  });

  it('lists page by page, by subscriber and by state', async () => {
    const [one, other] = [await service.subscribe(receiver), await service.subscribe(receiver)];
    await service.enqueue(one, 'a', 'c');
    await service.enqueue(other, 'b');
    for (const id of ['a', 'b', 'c']) await service.untilState(id, 'ACKNOWLEDGED');
    const ids = async (query: object): Promise<unknown[]> => {
      const { deliveries, next } = await service.deliveries.list(query);
      return [...deliveries.map(({ id }) => id), next];
    };
    expect(await ids({ limit: 2 })).toEqual(['a', 'b', 'b']);
    expect(await ids({ limit: 2, after: 'b' })).toEqual(['c', null]);
    expect(await ids({ subscriberId: one.id })).toEqual(['a', 'c', null]);
    expect(await ids({ subscriberId: one.id, state: 'GIVEN_UP' })).toEqual([null]);
  });

  it('deletes what ended before the retention, with its calls, and never what is pending', async () => {
    const subscriber = await service.subscribe(receiver);
    await service.enqueue(subscriber, 'old');
    await service.untilState('old', 'ACKNOWLEDGED');
    receiver.behaviour = (_call, response) => {
      response.writeHead(500).end();
    };
    await service.enqueue(subscriber, 'pending');
    await service.untilCalls('pending', 1);
    await service.dataSource.query(
      "UPDATE webhook_delivery SET claim_at = claim_at + INTERVAL 1 YEAR WHERE id = 'pending'",
    );
    const purge = service.get(DeliveryPurge);
    clock.moveMs(30 * DAY_MS);
    await purge.purge();
    expect(await rows('webhook_delivery')).toBe(2);
    clock.moveMs(1);
    await purge.purge();
    expect(await service.deliveries.find('old')).toBeUndefined();
    expect([await rows('webhook_delivery'), await rows('webhook_call')]).toEqual([1, 1]);
  });

  it('deletes nothing while the database is 40 days ahead of this process, and says so', async () => {
    const subscriber = await service.subscribe(receiver);
    await service.enqueue(subscriber, 'd-1');
    await service.untilState('d-1', 'ACKNOWLEDGED');
    await service.subscribers.rotateSecret(subscriber.id, newSecret(), 3600);
    const settings = { retentionMs: 30 * DAY_MS, retentionIntervalMs: 0 };
    const purge = new DeliveryPurge(service.get(DatabaseTransactions), new ClockAhead(), settings);
    const warn = jest.spyOn(Logger.prototype, 'warn');
    warn.mockClear();
    await purge.purge();
    expect([await rows('webhook_delivery'), await rows('webhook_call')]).toEqual([1, 1]);
    expect(await rows('webhook_secret')).toBe(2);
    expect(warn).toHaveBeenCalledWith(
      expect.objectContaining({
        message: 'old webhook deliveries could not be deleted; retried in the next round',
        cause: expect.stringMatching(/^ClocksDisagreeError: The database's clock is 345\d{4} s ahead/),
      }),
    );
  });

  it('refuses to start without its tables', async () => {
    await service.dataSource.query('DROP TABLE webhook_call');
    const starting = test.service();
    await expect(starting).rejects.toBeInstanceOf(TxMsgConfigurationError);
    await expect(starting).rejects.toThrow(/lacks webhook_call: run sql\/webhooks\.sql/);
  });

  it('switches off and changes who is at a private address that is not allowed any more, but not on', async () => {
    const { id } = await service.subscribe(receiver);
    const { subscribers } = await test.service({ privateAddressesAllowed: false });
    const changed = await subscribers.update(id, { state: 'OFF', name: 'Some One' });
    expect(changed).toMatchObject({ state: 'OFF', name: 'Some One', allowPrivateAddresses: true });
    for (const refused of [
      { state: 'ACTIVE' },
      { url: 'https://example.com/hook' },
      { allowPrivateAddresses: true },
    ] as const)
      await expect(subscribers.update(id, refused)).rejects.toThrow(/allowPrivateAddresses/);
    // Its URL is http.
    const withoutUrl = subscribers.update(id, { allowPrivateAddresses: false });
    await expect(withoutUrl).rejects.toThrow(/begin with https/);
    expect(await subscribers.find(id)).toEqual(changed);
    const allowed = {
      url: 'https://example.com/hook',
      allowPrivateAddresses: false,
      state: 'ACTIVE',
    } as const;
    expect(await subscribers.update(id, allowed)).toMatchObject(allowed);
  });

  it('switches off and changes who is at an http URL that is not allowed any more, but not on', async () => {
    const open = await test.service({ allowHttp: true });
    const url = 'http://example.com/hook';
    const { id } = await open.subscribe({ url }, { allowPrivateAddresses: false });
    const changed = await service.subscribers.update(id, { state: 'OFF', name: 'Some One' });
    expect(changed).toMatchObject({ state: 'OFF', name: 'Some One', url });
    for (const refused of [{ state: 'ACTIVE' }, { url }, { allowPrivateAddresses: false }] as const)
      await expect(service.subscribers.update(id, refused)).rejects.toThrow(/begin with https/);
    expect(await service.subscribers.find(id)).toEqual(changed);
  });

  it('refuses two subscribers of one name, and gives the name of a deleted one again', async () => {
    const { id } = await service.subscribe(receiver, { name: 'Some One' });
    await expect(service.subscribe(receiver, { name: 'Some One' })).rejects.toThrow(/"Some One" already/);
    await service.subscribers.remove(id);
    await service.subscribe(receiver, { name: 'Some One' });
    expect(await service.subscribers.update(id, { name: 'Other' })).toBeUndefined();
    expect((await service.subscribers.list()).subscribers).toHaveLength(1);
  });
});

function hex(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}
