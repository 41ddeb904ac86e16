import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { STOCK_CONSUMER_GROUP } from '@txmsg/contracts';
import { RocketmqAdmin } from 'txmsg/admin';
import { eventually, MysqlProxy } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import { faults } from './kit/faults.js';
import { transfer } from './kit/http.js';
import { expectAllEnded, expectTruthful } from './kit/money.js';
import { OwnServers } from './kit/own-servers.js';
import { PointsBooks } from './kit/points-books.js';
import { RegistrationLoad } from './kit/registration-load.js';
import { IMPATIENT, TestBanks } from './kit/test-banks.js';
import { TestServices } from './kit/test-services.js';
import { submitOrder, TestShop } from './kit/test-shop.js';
import { TransferLoad } from './kit/transfer-load.js';

/** RocketMQ's own limit: after 16 redeliveries the next one goes to the group's dead-letter topic. */
const BROKER_DELIVERIES_MAX = 17;

/** The promise is about five minutes; by default this test makes do with seconds. */
const OUTAGE_MS = Number(process.env.TXMSG_TEST_BROKER_OUTAGE_MS ?? '5000');

/** Reconciliation is off: nothing but the messages themselves may bring transfers to their end. */
describe('an outage that lasts longer than brokers and clients are patient by themselves', () => {
  // Both at the same time: each lasts for minutes, in which next to nothing happens.
  describe("of the receivers' databases, bank2's and stock's", () => {
    let banks: TestBanks;
    let shop: TestShop;
    let proxies: Readonly<Record<'bank2' | 'stock', MysqlProxy>>;
    let admin: RocketmqAdmin;

    beforeAll(async () => {
      [banks, shop] = await Promise.all([TestBanks.create('no_database'), TestShop.create('no_database')]);
      proxies = {
        bank2: await MysqlProxy.start(banks.mysqlUrl('bank2')),
        stock: await MysqlProxy.start(shop.mysqlUrl('stock')),
      };
      admin = new RocketmqAdmin({ namesrv: banks.servers.namesrv });
    });
    afterAll(async () => {
      admin.close();
      await Promise.all([banks.close(), shop.close()]);
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    });

    it('make no dead letter, here or at the broker, and every message takes effect afterwards', async () => {
      await Promise.all([outageOfBank2(), outageOfStock()]);
    }, 600_000);

    async function outageOfBank2(): Promise<void> {
      const bank1 = await banks.start('bank1');
      const txNos = [1, 2, 3, 4, 5].map((count) => `patient-${count}`);
      const bank2 = await banks.start('bank2', { MYSQL_URL: proxies.bank2.url, ...failingOnce(txNos) });
      const pair = await banks.books.openPair('patient', '10.00');
      proxies.bank2.down();
      for (const txNo of txNos) {
        expect((await transfer(bank1, { ...pair, txNo, amount: '1.00' })).status).toBe(201);
      }
      await untilDeliveredOften(bank2, txNos);
      proxies.bank2.up();
      await expectAllEnded(banks.books, 90_000);
      expectEachFailedOnce(bank2, txNos);
      expect(await banks.books.balances(pair)).toEqual(['5.00', '5.00']);
      expect(await banks.books.deadLetters()).toEqual([]);
      expect(await admin.messagesEver(`%DLQ%${banks.consumerGroup}`)).toBe(0);
    }

    async function outageOfStock(): Promise<void> {
      const stock = await shop.start('stock', { MYSQL_URL: proxies.stock.url, ...failingOnce(['order-1']) });
      const order = await shop.start('order', { STOCK_URL: new URL(stock.url).origin });
      await shop.openProduct('patient', 5);
      proxies.stock.down();
      const txNos = ['order-1', 'order-2', 'order-3'];
      for (const txNo of txNos) {
        expect((await submitOrder(order, txNo, { productId: 'patient', payCount: 2 })).status).toBe(201);
      }
      await untilDeliveredOften(stock, txNos);
      proxies.stock.up();
      await shop.untilEnded('patient');
      expectEachFailedOnce(stock, ['order-1']);
      const statuses = (await shop.orders('patient')).map(({ status }) => status);
      expect(statuses.sort()).toEqual(['CANCELLED', 'CONFIRMED', 'CONFIRMED']);
      expect(await shop.left('patient')).toBe(1);
      expect(await shop.deadLetters()).toEqual([]);
      expect(await admin.messagesEver(`%DLQ%${shop.named(STOCK_CONSUMER_GROUP)}`)).toBe(0);
      expect(await shop.audit()).toMatchObject({ agrees: true, orders: { inFlight: 0 } });
    }

    /** Each handler fails once, after the outage. Were the outage counted, it would be one failure too many. */
    function failingOnce(txNos: readonly string[]): Record<string, string> {
      const failsOnce = txNos.map((txNo) => ({ point: 'consume.executed', action: 'throw', txNo }) as const);
      return { HANDLER_ATTEMPTS_MAX: '2', ...faults(...failsOnce) };
    }

    /** Until every one of the messages has been delivered more often than the broker itself would. */
    async function untilDeliveredOften(receiver: ServiceProcess, txNos: readonly string[]): Promise<void> {
      await eventually(
        () => {
          const deliveries = receiver.logs();
          return txNos.every((it) =>
            deliveries.some(
              ({ txNo, deliveryAttempt }) => txNo === it && Number(deliveryAttempt) > BROKER_DELIVERIES_MAX,
            ),
          );
        },
        { timeoutMs: 400_000, intervalMs: 500 },
      );
    }

    /** In a batch or alone: a batch that fails is tried again, which is no failure of its handlers. */
    function expectEachFailedOnce(receiver: ServiceProcess, txNos: readonly string[]): void {
      const failed = receiver.logs().filter(({ message }) => message === 'fault injected');
      expect(failed.map(({ txNo }) => txNo).sort()).toEqual(txNos);
    }
  });

  describe('of the broker, under load', () => {
    let own: OwnServers;
    let banks: TestBanks;
    let bank1: ServiceProcess;
    let bank2: ServiceProcess;
    /** user and points, which need no broker to go on registering. */
    let pair: TestServices<'user' | 'points'>;
    let points: PointsBooks;
    let user: ServiceProcess;

    beforeEach(async () => {
      own = await OwnServers.start();
      banks = await TestBanks.create('no_broker', own.servers);
      pair = await TestServices.of(['user', 'points'], 'no_broker', own.servers);
      points = new PointsBooks(pair);
      [user] = await Promise.all([pair.start('user'), pair.start('points')]);
      [bank1, bank2] = await Promise.all([
        banks.start('bank1', IMPATIENT),
        banks.start('bank2', ADMIN_SETTINGS),
      ]);
    }, 300_000);
    afterEach(async () => {
      await banks.close();
      await pair.close();
      await points.close();
      await own.stop();
    });

    it(
      'every accepted transfer ends after it, every user gets the points, and no service is restarted',
      async () => {
        const accounts = await banks.books.openPair('under-load', '1000.00');
        const load = new TransferLoad('under-load', bank1, accounts);
        const registrations = new RegistrationLoad('under-load', user);
        await eventually(() => load.count(201) >= 50, { timeoutMs: 90_000 });
        // Results that bank2 cannot publish: at first because of the fault, then because the broker is gone.
        const admin = new Admin(bank2);
        await admin.meetFaults({ point: 'outbox.before-publish', action: 'throw', times: 1_000_000 });
        const failed = (): string[] =>
          bank2
            .logs()
            .filter(({ message, point }) => message === 'fault injected' && point === 'outbox.before-publish')
            .map(({ txNo }) => String(txNo));
        // Not any rows that wait: one that is published already waits too, until it is marked.
        await eventually(() => new Set(failed()).size >= 10, { timeoutMs: 90_000 });
        await own.stack.killServer('broker');
        await admin.meetFaults();
        const waiting = [...new Set(failed())];
        expect(await banks.books.resultsWaiting()).toEqual(expect.arrayContaining(waiting));
        // Whatever was under way stays so; callers go on and are refused.
        await eventually(() => load.count(503) > 0);
        const registered = registrations.count(201);
        await delay(OUTAGE_MS);
        await eventually(() => registrations.count(201) >= registered + 10);
        expect(await points.waiting()).toBeGreaterThanOrEqual(10);
        expect(await banks.books.resultsWaiting()).toEqual(expect.arrayContaining(waiting));
        const before = load.count(201);
        await own.stack.startServer('broker');
        await eventually(() => load.count(201) >= before + 50);
        const [sent] = await Promise.all([load.stop(), registrations.stop()]);
        await points.expectAgreement(120_000);
        expect(await points.userCount()).toBeGreaterThanOrEqual(registrations.count(201));
        expect(await points.deadLetters()).toEqual([]);
        await expectAllEnded(banks.books, 120_000);
        await expectTruthful(banks.books, sent);
        expect([bank1, bank2, user].map(({ isRunning }) => isRunning)).toEqual([true, true, true]);
        // bank2 marks a result as published a moment after bank1 may have had it.
        await eventually(async () => (await banks.books.resultsWaiting()).length === 0);
        expect(await banks.books.deadLetters()).toEqual([]);
      },
      OUTAGE_MS + 400_000,
    );
  });
});
