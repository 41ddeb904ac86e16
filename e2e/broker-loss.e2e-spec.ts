import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { expectAllEnded } from './kit/money.js';
import { OwnServers } from './kit/own-servers.js';
import { TestBanks } from './kit/test-banks.js';
import { TransferLoad } from './kit/transfer-load.js';

const RECOVERY = { timeoutMs: 120_000, intervalMs: 250 };

describe('when the broker loses its whole store under load', () => {
  let own: OwnServers;
  let banks: TestBanks;

  beforeAll(async () => {
    own = await OwnServers.start();
    banks = await TestBanks.create('loss', own.servers);
  }, 300_000);
  afterAll(async () => {
    await banks.close();
    await own.stop();
  });

  it('reconciliation ends every accepted transfer, without a restart of any bank', async () => {
    const bank2: ServiceProcess = await banks.start('bank2');
    const bank1 = await banks.start('bank1', {
      BANK2_URL: new URL(bank2.url).origin,
      RECONCILE_AFTER_MS: '3000',
      RECONCILE_INTERVAL_MS: '1000',
    });
    const pair = await banks.books.openPair('loss', '1000.00');
    // Messages pile up at the broker while bank2 is frozen, and are lost with the store.
    const load = new TransferLoad('loss', bank1, pair);
    await eventually(() => load.count(201) >= 20, RECOVERY);
    await bank2.kill('SIGSTOP');
    const before = load.count(201);
    await eventually(() => load.count(201) >= before + 20, RECOVERY);
    await own.stack.wipeBroker();
    await banks.createTopics();
    await bank2.kill('SIGCONT');
    await eventually(() => load.count(201) >= before + 60, RECOVERY);
    await load.stop();
    await expectAllEnded(banks.books, 120_000);
    const republished = await banks.books.republished();
    expect(republished).toBeGreaterThan(0);
  });
});
