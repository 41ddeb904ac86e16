import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { transfer } from './kit/http.js';
import { expectAllEnded, expectMoneyConserved } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

describe('every accepted transfer ends', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;

  beforeAll(async () => {
    banks = await TestBanks.create('results');
    [bank1, bank2] = await Promise.all([banks.start('bank1'), banks.start('bank2')]);
  });
  afterAll(() => banks.close());

  const endOf = async (txNo: string): Promise<string> => {
    const row = await eventually(async () => {
      const found = await banks.books.outgoing(txNo);
      return found !== undefined && found.state !== 'DEBITED' && found;
    });
    return [row.state, row.reason].join(' ');
  };

  it('COMPLETED when bank2 credited it', async () => {
    const pair = await banks.books.openPair('credited', '10.00');
    await transfer(bank1, { ...pair, txNo: 'credited', amount: '4.00' });
    expect(await endOf('credited')).toBe('COMPLETED ');
    expect(await banks.books.balances(pair)).toEqual(['6.00', '4.00']);
  });

  it('REFUNDED when the payee is unknown or frozen, and COMPLETED after a thaw under a new txNo', async () => {
    await banks.books.open('bank1', 'generous', '10.00');
    await banks.books.open('bank2', 'cold', '0.00', 'FROZEN');
    await transfer(bank1, { accountNo: 'generous', toAccountNo: 'nobody', txNo: 'unknown', amount: '4.00' });
    await transfer(bank1, { accountNo: 'generous', toAccountNo: 'cold', txNo: 'frozen', amount: '5.00' });
    expect(await endOf('unknown')).toBe('REFUNDED NO_SUCH_ACCOUNT');
    expect(await endOf('frozen')).toBe('REFUNDED ACCOUNT_FROZEN');
    expect(await banks.books.balance('bank1', 'generous')).toBe('10.00');
    await banks.books.thaw('bank2', 'cold');
    await transfer(bank1, { accountNo: 'generous', toAccountNo: 'cold', txNo: 'thawed', amount: '5.00' });
    expect(await endOf('thawed')).toBe('COMPLETED ');
    expect(await banks.books.balances({ accountNo: 'generous', toAccountNo: 'cold' })).toEqual([
      '5.00',
      '5.00',
    ]);
    await expectAllEnded(banks.books);
  });

  it('REFUNDED when a foreign message took its txNo at bank2 first; the foreign credit stands apart', async () => {
    const pair = await banks.books.openPair('taken', '10.00');
    const sender = await banks.foreignSender();
    await sender.deliver({ accountChange: { ...pair, txNo: 'taken', amount: '1.00' } });
    await eventually(async () => (await banks.books.incoming('taken')) !== undefined);
    await transfer(bank1, { ...pair, txNo: 'taken', amount: '4.00' });
    expect(await endOf('taken')).toBe('REFUNDED TX_NO_CONFLICT');
    expect(await banks.books.balances(pair)).toEqual(['10.00', '1.00']);
    expect(await banks.books.deadLetters()).toContainEqual({ txNo: 'taken', reason: 'TX_NO_CONFLICT' });
    // Its late duplicates change nothing either.
    const dead = (await banks.books.deadLetters()).length;
    await sender.deliver({ accountChange: { ...pair, txNo: 'taken', amount: '1.00' } });
    await sender.deliver({ accountChange: { ...pair, txNo: 'taken', amount: '4.00' } });
    const ends = () =>
      bank2.logs().filter((line) => line.txNo === 'taken' && /^message (consumed|stored)/.test(line.message));
    // The foreign message, ours, and a duplicate of each.
    await eventually(() => ends().length >= 4);
    await sender.close();
    expect(await banks.books.balances(pair)).toEqual(['10.00', '1.00']);
    expect(await banks.books.deadLetters()).toHaveLength(dead);
    expect(await endOf('taken')).toBe('REFUNDED TX_NO_CONFLICT');
    await expectMoneyConserved(banks.books, { foreign: '1.00' });
    const { agrees, foreignCredits } = await banks.books.audit();
    expect(foreignCredits.listed).toEqual([{ txNo: 'taken', ...pair, amount: '1.00' }]);
    expect(agrees).toBe(false);
  });
});
