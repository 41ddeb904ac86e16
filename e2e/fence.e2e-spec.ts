import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from './kit/service-process.js';
import { checkBackAnswers, untilAnswered } from './kit/check-backs.js';
import { faults } from './kit/faults.js';
import { transfer } from './kit/http.js';
import { expectAllArrived } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

/** A check-back ends one half message, never a txNo: another attempt under the same txNo has its own outcome. */
describe('the fence is per attempt', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;

  beforeAll(async () => {
    banks = await TestBanks.create('fence');
    const environment = faults(
      { point: 'resolution.before-send', action: 'throw', txNo: 'refused' },
      { point: 'half-message.sent', action: 'throw', txNo: 'receipt-lost' },
    );
    [bank1] = await Promise.all([banks.start('bank1', environment), banks.start('bank2')]);
  });
  afterAll(() => banks.close());

  it('so a refused transfer whose ROLLBACK is lost stays undone when a smaller one succeeds', async () => {
    const pair = await banks.books.openPair('refused', '500.00');
    const refused = await transfer(bank1, { ...pair, txNo: 'refused', amount: '1000.00' });
    expect(refused.body).toMatchObject({ status: 422, code: 'INSUFFICIENT_BALANCE' });
    const smaller = await transfer(bank1, { ...pair, txNo: 'refused', amount: '100.00' });
    expect(smaller.status).toBe(201);

    await untilAnswered([bank1], 'refused', 'ROLLBACK');
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['400.00', '100.00']);
    expect(await banks.books.deadLetters()).toEqual([]);
    expect(checkBackAnswers([bank1], 'refused')).not.toContain('COMMIT');
  });

  it('so a half message whose receipt was lost does not stop a later try of its txNo', async () => {
    const pair = await banks.books.openPair('receipt-lost', '500.00');
    const order = { ...pair, txNo: 'receipt-lost', amount: '100.00' };
    expect((await transfer(bank1, order)).body).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
    await untilAnswered([bank1], 'receipt-lost', 'ROLLBACK');
    expect(await banks.books.balances(pair)).toEqual(['500.00', '0.00']);

    expect((await transfer(bank1, order)).status).toBe(201);
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['400.00', '100.00']);
    expect(await banks.books.deadLetters()).toEqual([]);
  });
});
