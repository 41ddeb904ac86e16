import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Books } from '../../e2e/kit/books.js';
import { call, transfer } from '../../e2e/kit/http.js';
import { expectAllEnded } from '../../e2e/kit/money.js';

/** The banks whose addresses are in the environment; what others do with them at the same time does no harm. */
describe('the running banks', () => {
  const [bank1, bank2] = [{ url: urlOf('BANK1_URL') }, { url: urlOf('BANK2_URL') }];
  const unique = randomBytes(4).toString('hex');
  let books: Books;

  beforeAll(() => {
    books = new Books(urlOf('MYSQL_ROOT_URL'), 'bank1', 'bank2');
  });
  afterAll(() => books.close());

  it('are ready', async () => {
    for (const { url } of [bank1, bank2]) expect((await call(`${url}/health/ready`)).status).toBe(200);
  });

  it('move money once, however often they are told, and both tell of it', async () => {
    const pair = await books.openPair(`once-${unique}`, '50.00');
    const order = { ...pair, txNo: `once-${unique}`, amount: '12.34' };
    const statuses = [await transfer(bank1, order), await transfer(bank1, order)].map(({ status }) => status);
    expect(statuses).toEqual([201, 200]);
    const conflict = await transfer(bank1, { ...order, amount: '1.00' });
    expect([conflict.status, conflict.body?.code]).toEqual([409, 'TX_NO_CONFLICT']);
    await expectAllEnded(books, 120_000);
    expect(await books.balances(pair)).toEqual(['37.66', '12.34']);
    const of = async (url: string): Promise<unknown> =>
      (await call(`${url}/transfers/${order.txNo}`)).body?.state;
    expect([await of(bank1.url), await of(bank2.url)]).toEqual(['COMPLETED', 'CREDITED']);
  });

  it('give the money back when the payee does not exist', async () => {
    const pair = await books.openPair(`back-${unique}`, '50.00');
    const order = { ...pair, toAccountNo: `nobody-${unique}`, txNo: `back-${unique}`, amount: '20.00' };
    expect((await transfer(bank1, order)).status).toBe(201);
    await expectAllEnded(books, 120_000);
    expect(await books.outgoing(order.txNo)).toMatchObject({ state: 'REFUNDED' });
    expect(await books.balances(pair)).toEqual(['50.00', '0.00']);
  });

  it('refuse what the payer does not have', async () => {
    const pair = await books.openPair(`poor-${unique}`, '50.00');
    const answer = await transfer(bank1, { ...pair, txNo: `poor-${unique}`, amount: '50.01' });
    expect([answer.status, answer.body?.code]).toEqual([422, 'INSUFFICIENT_BALANCE']);
    expect(await books.balances(pair)).toEqual(['50.00', '0.00']);
  });
});

function urlOf(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: run these tests with "docker compose run --rm e2e".`);
}
