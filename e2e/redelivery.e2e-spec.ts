import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import type { ForeignSender } from './kit/foreign-sender.js';
import { transfer } from './kit/http.js';
import { expectAllArrived } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

const TRANSFERS = 1000;
const IN_FLIGHT = 32;
/** A machine that is busy with other tests makes ten transfers per second. */
const TEST_DEADLINE_MS = 15 * 60_000;
const DUPLICATES_DEADLINE_MS = 5 * 60_000;

describe('a thousand transfers, every one delivered at least twice', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;
  let sender: ForeignSender;

  beforeAll(async () => {
    banks = await TestBanks.create('redelivery');
    [bank1, bank2, sender] = await Promise.all([
      banks.start('bank1'),
      banks.start('bank2'),
      banks.foreignSender(),
    ]);
  });
  afterAll(async () => {
    await sender.close();
    await banks.close();
  });

  it(
    'are credited a thousand times',
    async () => {
      const pair = await banks.books.openPair('many', '10000.00');
      const numbers = Array.from({ length: TRANSFERS }, (_, index) => `many-${index}`);
      const waiting = [...numbers];
      const work = async (): Promise<void> => {
        for (let txNo = waiting.pop(); txNo !== undefined; txNo = waiting.pop()) {
          const order = { ...pair, txNo, amount: '1.01' };
          expect((await transfer(bank1, order)).status).toBe(201);
          await sender.deliver({ accountChange: order }, txNo);
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, work));

      const duplicates = (): Set<unknown> =>
        new Set(
          bank2
            .logs()
            .filter(({ message }) => message === 'message consumed: DUPLICATE')
            .map(({ txNo }) => txNo),
        );
      await eventually(() => duplicates().size === TRANSFERS, {
        timeoutMs: DUPLICATES_DEADLINE_MS,
        intervalMs: 500,
      });
      await expectAllArrived(banks.books);
      expect(await banks.books.allIncoming()).toHaveLength(TRANSFERS);
      expect(await banks.books.balances(pair)).toEqual(['8990.00', '1010.00']);
      expect(await banks.books.deadLetters()).toEqual([]);
    },
    TEST_DEADLINE_MS,
  );
});
