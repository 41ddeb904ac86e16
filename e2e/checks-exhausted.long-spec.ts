import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RocketmqAdmin } from 'txmsg/admin';
import { eventually } from 'txmsg/testing';
import { faults } from './kit/faults.js';
import { call, transfer } from './kit/http.js';
import { expectAllEnded } from './kit/money.js';
import { OwnServers } from './kit/own-servers.js';
import { TestBanks } from './kit/test-banks.js';

/** Where RocketMQ puts the half messages that it will not ask about again. */
const GIVEN_UP_TOPIC = 'TRANS_CHECK_MAX_TIME_TOPIC';

describe('when bank1 is away for longer than the broker asks about its half message', () => {
  let own: OwnServers;
  let banks: TestBanks;
  let admin: RocketmqAdmin;

  beforeAll(async () => {
    own = await OwnServers.start({ transactionCheckMax: 3 });
    banks = await TestBanks.create('exhausted', own.servers);
    admin = new RocketmqAdmin({ namesrv: own.servers.namesrv });
  }, 300_000);
  afterAll(async () => {
    admin.close();
    await banks.close();
    await own.stop();
  });

  it('the transfer still ends when bank1 is back', async () => {
    const bank2 = await banks.start('bank2');
    const reconciliation = {
      BANK2_URL: new URL(bank2.url).origin,
      RECONCILE_AFTER_MS: '3000',
      RECONCILE_INTERVAL_MS: '1000',
    };
    const pair = await banks.books.openPair('away', '10.00');
    const crashing = faults({ point: 'local-transaction.committed', action: 'kill', txNo: 'away' });
    const victim = await banks.start('bank1', { ...reconciliation, ...crashing });
    await transfer(victim, { ...pair, txNo: 'away', amount: '4.00' }).catch(() => undefined);
    expect((await victim.exited).signal).toBe('SIGKILL');
    expect(await banks.books.outgoing('away')).toMatchObject({ state: 'DEBITED' });

    // Nobody is connected, and the broker counts all the same.
    await eventually(async () => (await admin.messagesEver(GIVEN_UP_TOPIC)) === 1, {
      timeoutMs: 120_000,
      intervalMs: 500,
    });
    expect(await banks.books.incoming('away')).toBeUndefined();

    const bank1 = await banks.start('bank1', { ...reconciliation, METRICS_ENABLED: 'true' });
    expect((await call(`${bank1.url}/metrics`)).text).toMatch(
      /^bank_rocketmq_checks_exhausted\{txmsg_broker="[\w-]+"\} 1$/m,
    );
    await expectAllEnded(banks.books, 120_000);
    expect((await call(`${bank1.url}/transfers/away`)).body).toMatchObject({ state: 'COMPLETED' });
    expect(await banks.books.balances(pair)).toEqual(['6.00', '4.00']);
    expect(await banks.books.republished()).toBeGreaterThan(0);
  });
});
