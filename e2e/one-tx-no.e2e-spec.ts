import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from './kit/service-process.js';
import { transfer, type Answer } from './kit/http.js';
import { expectAllArrived } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

const CALLERS = 100;
/** A hundred at once may queue for longer than one caller would have to wait. */
const PATIENT = { DATABASE_READ_TIMEOUT_MS: '60000' };

describe('one txNo and many callers at once, at two instances', () => {
  let banks: TestBanks;
  let instances: ServiceProcess[];

  beforeAll(async () => {
    banks = await TestBanks.create('one_tx_no');
    const bank2 = banks.start('bank2');
    instances = await Promise.all([banks.start('bank1', PATIENT), banks.start('bank1', PATIENT)]);
    await bank2;
  });
  afterAll(() => banks.close());

  const callAll = (order: (index: number) => Parameters<typeof transfer>[1]): Promise<Answer[]> =>
    Promise.all(
      Array.from({ length: CALLERS }, (_, index) => {
        const instance = instances[index % instances.length];
        if (!instance) throw new Error('no instance');
        return transfer(instance, order(index));
      }),
    );

  it('debits once when all want the same, and answers all of them with it', async () => {
    const pair = await banks.books.openPair('equal', '1000.00');
    const order = { ...pair, txNo: 'equal', amount: '10.00' };
    const answers = await callAll(() => order);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(CALLERS - 1);
    for (const { body } of answers) expect(body).toEqual({ ...order, state: 'DEBITED' });
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['990.00', '10.00']);
  });

  it('lets one win when they want different things, and delivers what the winner wanted', async () => {
    const pair = await banks.books.openPair('unequal', '10000.00');
    const answers = await callAll((index) => ({ ...pair, txNo: 'unequal', amount: `${index + 1}.00` }));
    const [winner, ...moreWinners] = answers.filter(({ status }) => status === 201);
    expect(moreWinners).toEqual([]);
    const losers = answers.filter((answer) => answer !== winner);
    for (const { body } of losers) expect(body).toMatchObject({ status: 409, code: 'TX_NO_CONFLICT' });
    await expectAllArrived(banks.books);
    const amount = String(winner?.body?.amount);
    expect(await banks.books.incoming('unequal')).toMatchObject({ amount, state: 'CREDITED' });
    expect(await banks.books.balance('bank2', pair.toAccountNo)).toBe(amount);
    expect(await banks.books.deadLetters()).toEqual([]);
  });
});
