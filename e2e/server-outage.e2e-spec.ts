import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import type { LocalStack } from '../tools/stack/local-stack.js';
import type { ServerName } from '../tools/stack/server-process.js';
import { call, transfer } from './kit/http.js';
import { expectAllEnded, expectTruthful } from './kit/money.js';
import { OwnServers } from './kit/own-servers.js';
import { IMPATIENT, TestBanks } from './kit/test-banks.js';
import { TransferLoad } from './kit/transfer-load.js';

/** The bank's own deadline is 3 s; a busy machine may add to it. */
const ANSWER_DEADLINE_MS = 10_000;
const RECOVERY = { timeoutMs: 90_000, intervalMs: 250 };

interface Outage {
  readonly begin: (stack: LocalStack) => void | Promise<void>;
  readonly end: (stack: LocalStack) => void | Promise<void>;
  /** What a caller may be told while it lasts. */
  readonly statuses: readonly number[];
}

const killed = (server: ServerName): Pick<Outage, 'begin' | 'end'> => ({
  begin: (stack) => stack.killServer(server),
  end: (stack) => stack.startServer(server),
});
const frozen = (server: ServerName): Pick<Outage, 'begin' | 'end'> => ({
  begin: (stack) => {
    stack.signalServer(server, 'SIGSTOP');
  },
  end: (stack) => {
    stack.signalServer(server, 'SIGCONT');
  },
});

/** The same two processes live through all of it: no bank is ever restarted. */
describe('when a server fails under load and comes back', () => {
  let own: OwnServers;
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;

  beforeAll(async () => {
    own = await OwnServers.start();
    banks = await TestBanks.create('outage', own.servers);
    [bank1, bank2] = await Promise.all([banks.start('bank1', IMPATIENT), banks.start('bank2')]);
  }, 300_000);
  afterAll(async () => {
    await banks.close();
    await own.stop();
  });

  const isReady = async (bank: ServiceProcess): Promise<boolean> =>
    (await call(`${bank.url}/health/ready`)).status === 200;

  it.each<[string, Outage]>([
    ['the broker is killed', { ...killed('broker'), statuses: [503] }],
    ['the broker is frozen', { ...frozen('broker'), statuses: [503] }],
    ['MySQL is killed', { ...killed('mysql'), statuses: [503] }],
    ['MySQL is frozen', { ...frozen('mysql'), statuses: [202, 503] }],
  ])('%s: callers are told the truth, readiness turns red, and all heals by itself', async (name, outage) => {
    const pair = await banks.books.openPair(name.replaceAll(' ', '-'), '1000.00');
    const load = new TransferLoad(name.replaceAll(' ', '-'), bank1, pair);
    await eventually(() => load.count(201) >= 20, RECOVERY);

    await outage.begin(own.stack);
    for (const bank of [bank1, bank2]) await eventually(async () => !(await isReady(bank)), RECOVERY);
    const during = { ...pair, txNo: `during-${pair.accountNo}`, amount: '1.00' };
    const answer = await transfer(bank1, during, ANSWER_DEADLINE_MS);
    expect(outage.statuses).toContain(answer.status);
    expect((await call(`${bank1.url}/health/live`)).status).toBe(200);

    await outage.end(own.stack);
    for (const bank of [bank1, bank2]) await eventually(() => isReady(bank), RECOVERY);
    const before = load.count(201);
    await eventually(() => load.count(201) >= before + 20, RECOVERY);
    const sent = await load.stop();
    expect(load.count(503)).toBeGreaterThan(0);
    expect([bank1.isRunning, bank2.isRunning]).toEqual([true, true]);

    await expectAllEnded(banks.books, 90_000);
    await expectTruthful(banks.books, [...sent, { txNo: during.txNo, status: answer.status }]);
    // Whatever was not known can be asked again.
    for (const { txNo } of sent.filter(({ status }) => status === 202).slice(0, 3)) {
      // The bank's own deadline may be too short on a busy machine; it says so, and is asked again.
      const again = await eventually(async () => {
        const { status } = await transfer(bank1, { ...pair, txNo, amount: '0.01' });
        return ![202, 503].includes(status) && status;
      }, RECOVERY);
      expect([200, 201]).toContain(again);
    }
    await expectAllEnded(banks.books);
  });

  it('both banks end cleanly on SIGTERM while the broker is down', async () => {
    await own.stack.killServer('broker');
    await Promise.all([bank1.kill('SIGTERM'), bank2.kill('SIGTERM')]);
    const clean = { code: 0, signal: null };
    expect([await bank1.exited, await bank2.exited]).toEqual([clean, clean]);
  });
});
