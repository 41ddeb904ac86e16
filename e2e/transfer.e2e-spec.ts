import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from './kit/service-process.js';
import { call, postJson, transfer } from './kit/http.js';
import { expectAllArrived, expectAllEnded } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

describe('a transfer from bank1 to bank2', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;

  beforeAll(async () => {
    banks = await TestBanks.create('transfer');
    [bank1, bank2] = await Promise.all([banks.start('bank1'), banks.start('bank2')]);
  });
  afterEach(() => expectAllArrived(banks.books));
  afterAll(() => banks.close());

  it('leaves the payer, arrives at the payee, and both banks tell of it', async () => {
    const pair = await banks.books.openPair('both', '50.00');
    const order = { ...pair, txNo: 'first', amount: '12.34' };
    const answer = await transfer(bank1, order);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({ ...order, state: 'DEBITED' });
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['37.66', '12.34']);
    await expectAllEnded(banks.books);
    expect((await call(`${bank1.url}/transfers/first`)).body).toMatchObject({ ...order, state: 'COMPLETED' });
    expect((await call(`${bank2.url}/transfers/first`)).body).toMatchObject({ ...order, state: 'CREDITED' });
    expect((await call(`${bank1.url}/accounts/both-payer`)).body).toMatchObject({ balance: '37.66' });
    expect((await call(`${bank2.url}/accounts/both-payee`)).body).toMatchObject({ balance: '12.34' });
  });

  it('moves 100 from 1 to 2 when the classic address is called bare', async () => {
    const answer = await call(`${bank1.url}/transfer`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(answer.body).toMatchObject({
      state: 'DEBITED',
      accountNo: '1',
      toAccountNo: '2',
      amount: '100.00',
    });
    await expectAllArrived(banks.books);
    expect(await banks.books.balances({ accountNo: '1', toAccountNo: '2' })).toEqual(['9900.00', '100.00']);
  });

  it('does once what the parameters of the classic call say, however often it comes', async () => {
    const pair = await banks.books.openPair('classic', '10.00');
    const query = new URLSearchParams({ ...pair, amount: '7.5', txNo: 'classic' }).toString();
    const first = await call(`${bank1.url}/transfer?${query}`);
    expect(first.body).toMatchObject({ ...pair, txNo: 'classic', amount: '7.50' });
    expect((await call(`${bank1.url}/transfer?${query}`)).body).toEqual(first.body);
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['2.50', '7.50']);
  });

  it('is made once however its txNo is repeated, and every answer is the first one', async () => {
    const pair = await banks.books.openPair('repeated', '20.00');
    const first = await transfer(bank1, { ...pair, txNo: 'repeated', amount: '5' });
    const again = await transfer(bank1, { ...pair, txNo: 'repeated', amount: '5.00' });
    const byHeader = await postJson(`${bank1.url}/transfers`, JSON.stringify({ ...pair, amount: '5.0' }), {
      'idempotency-key': '"repeated"',
    });
    expect([first.status, again.status, byHeader.status]).toEqual([201, 200, 200]);
    expect(again.body).toEqual(first.body);
    expect(byHeader.body).toEqual(first.body);
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['15.00', '5.00']);
  });

  it('is refused when its txNo belongs to another one', async () => {
    const pair = await banks.books.openPair('taken', '20.00');
    await transfer(bank1, { ...pair, txNo: 'taken', amount: '1.00' });
    const answer = await transfer(bank1, { ...pair, txNo: 'taken', amount: '2.00' });
    expect(answer.body).toMatchObject({ status: 409, code: 'TX_NO_CONFLICT', txNo: 'taken' });
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['19.00', '1.00']);
  });

  it('may take the last cent, and is refused when it wants one more', async () => {
    const pair = await banks.books.openPair('poor', '500.00');
    const tooMuch = await transfer(bank1, { ...pair, txNo: 'too-much', amount: '500.01' });
    expect(tooMuch.body).toMatchObject({ status: 422, code: 'INSUFFICIENT_BALANCE', txNo: 'too-much' });
    expect(await banks.books.outgoing('too-much')).toBeUndefined();
    expect(await banks.books.balances(pair)).toEqual(['500.00', '0.00']);
    expect((await transfer(bank1, { ...pair, amount: '500.00' })).status).toBe(201);
    await expectAllArrived(banks.books);
    expect(await banks.books.balances(pair)).toEqual(['0.00', '500.00']);
  });

  it.each([
    ['HEAD', { method: 'HEAD' }, 405],
    ['a prefetch', { headers: { 'sec-purpose': 'prefetch;prerender' } }, 403],
    ['a prefetch of an older browser', { headers: { purpose: 'prefetch' } }, 403],
    ['a page of another site', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
  ])('is not made by %s on the classic address', async (_what, init, status) => {
    // Not the states: earlier transfers may be ending.
    const txNos = async (): Promise<string[]> => (await banks.books.allOutgoing()).map(({ txNo }) => txNo);
    const before = await txNos();
    expect((await call(`${bank1.url}/transfer?amount=100`, init)).status).toBe(status);
    expect(await txNos()).toEqual(before);
  });
});
