import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { checkBackAnswers } from './kit/check-backs.js';
import { faults } from './kit/faults.js';
import { transfer } from './kit/http.js';
import { expectAllArrived } from './kit/money.js';
import { overtakenTransfer } from './kit/overtaken.js';
import { TestBanks } from './kit/test-banks.js';

/** The message has the outcome that the database has, even when that outcome cannot be determined at once. */
describe('when the outcome of a local transaction is in doubt', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let sibling: ServiceProcess;

  beforeAll(async () => {
    banks = await TestBanks.create('unknown');
    const environment = faults(
      { point: 'local-transaction.committed', action: 'throw', txNo: 'answer-lost' },
      { point: 'local-transaction.before-commit', action: 'drop-connection', txNo: 'commit-lost' },
    );
    const bank2 = banks.start('bank2');
    [bank1, sibling] = await Promise.all([banks.start('bank1', environment), banks.start('bank1')]);
    await bank2;
  });
  afterAll(() => banks.close());

  it('because the answer to COMMIT was lost: it is found to be done, and the money arrives', async () => {
    const pair = await banks.books.openPair('answer-lost', '100.00');
    const answer = await transfer(bank1, { ...pair, txNo: 'answer-lost', amount: '40.00' });
    expect(answer.status).toBe(201);
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['60.00', '40.00']);
  });

  it('because COMMIT itself was lost: nothing was done, and the txNo can be tried again', async () => {
    const pair = await banks.books.openPair('commit-lost', '100.00');
    const order = { ...pair, txNo: 'commit-lost', amount: '40.00' };
    // 202 when MySQL had not yet noticed that the connection was gone.
    expect([202, 503]).toContain((await transfer(bank1, order)).status);
    await eventually(async () => !(await banks.books.isLocked('bank1', pair.accountNo)));
    expect(await banks.books.balances(pair)).toEqual(['100.00', '0.00']);
    expect((await transfer(bank1, order)).status).toBe(201);
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['60.00', '40.00']);
  });

  it('because another call holds the txNo: nobody is told that nothing was done', async () => {
    const pair = await banks.books.openPair('held', '100.00');
    const order = { ...pair, txNo: 'held', amount: '40.00' };
    const release = await banks.books.holdBarrier(order.txNo, banks.producerGroup);
    try {
      expect((await transfer(sibling, order)).status).toBe(202);
    } finally {
      await release();
    }
    expect((await transfer(sibling, order)).status).toBe(201);
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['60.00', '40.00']);
  });

  it('because a check-back overtook it: it can no longer commit, and the txNo can be tried again', async () => {
    const { order, answer } = await overtakenTransfer(
      banks,
      { slow: bank1, asked: sibling },
      async (txNo) => ({
        ...(await banks.books.openPair(txNo, '100.00')),
        txNo,
        amount: '40.00',
      }),
    );
    expect(answer.body).toMatchObject({ status: 503, txNo: order.txNo });
    expect(await banks.books.balances(order)).toEqual(['100.00', '0.00']);
    expect((await transfer(bank1, order)).status).toBe(201);
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(order)).toEqual(['60.00', '40.00']);
    expect(checkBackAnswers([bank1, sibling], order.txNo)).not.toContain('COMMIT');
  });
});
