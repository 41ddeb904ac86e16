import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { faults } from './kit/faults.js';
import { transfer } from './kit/http.js';
import { expectAllArrived } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

describe('when bank2 is killed while it consumes a transfer', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;

  beforeAll(async () => {
    banks = await TestBanks.create('bank2_crash');
    bank1 = await banks.start('bank1');
  });
  afterEach(() => expectAllArrived(banks.books));
  afterAll(() => banks.close());

  it.each([
    ['before COMMIT', 'consume.before-commit', false],
    ['between COMMIT and acknowledgement', 'consume.committed', true],
  ] as const)('%s: it is credited once after a restart', async (_when, point, isCommitted) => {
    const pair = await banks.books.openPair(point, '100.00');
    const victim = await banks.start('bank2', faults({ point, action: 'kill' }));
    expect((await transfer(bank1, { ...pair, txNo: point, amount: '40.00' })).status).toBe(201);
    expect((await victim.exited).signal).toBe('SIGKILL');
    expect((await banks.books.incoming(point)) !== undefined).toBe(isCommitted);

    const restarted = await banks.start('bank2');
    try {
      const end = `message consumed: ${isCommitted ? 'DUPLICATE' : 'DONE'}`;
      // What a killed consumer held stays invisible to others for 15 s.
      const isConsumed = (): boolean =>
        restarted.logs().some(({ message, txNo }) => txNo === point && message === end);
      await eventually(isConsumed);
      expect(await banks.books.balances(pair)).toEqual(['60.00', '40.00']);
    } finally {
      // It would take the next test's message.
      await restarted.kill('SIGKILL');
    }
  });
});
