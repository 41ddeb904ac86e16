import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import type { TransferRow } from './kit/books.js';
import { call } from './kit/http.js';
import type { ForeignSender } from './kit/foreign-sender.js';
import { expectMoneyConserved } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

/** What services in other languages, and broken ones, put on the transfer topic. */
describe('messages of foreign senders at bank2', () => {
  let banks: TestBanks;
  let bank2: ServiceProcess;
  let sender: ForeignSender;

  beforeAll(async () => {
    banks = await TestBanks.create('foreign');
    [bank2, sender] = await Promise.all([banks.start('bank2'), banks.foreignSender()]);
  });
  afterAll(async () => {
    await expectMoneyConserved(banks.books, { foreign: (await banks.books.audit()).foreignCredits.sum });
  });
  afterAll(async () => {
    await sender.close();
    await banks.close();
  });

  const decided = (txNo: string): Promise<TransferRow> =>
    eventually(async () => (await banks.books.incoming(txNo)) ?? false);
  /** How bank2's log says that messages of this txNo ended, in order. */
  const ends = (txNo: string): string[] =>
    bank2
      .logs()
      .filter((line) => line.txNo === txNo && /^message (consumed|stored)/.test(line.message))
      .map(({ message }) => message);
  const untilEnds = (txNo: string, count: number): Promise<unknown> =>
    eventually(() => ends(txNo).length >= count);

  it('credits a message as a Java service writes it to the default payee, once', async () => {
    const body = '{"accountChange":{"accountNo":"1","amount":100,"txNo":1700000000000}}';
    await sender.deliver(body);
    await sender.deliver(body);
    await untilEnds('1700000000000', 2);
    expect(await banks.books.incoming('1700000000000')).toMatchObject({
      accountNo: '1',
      toAccountNo: '2',
      amount: '100.00',
      state: 'CREDITED',
    });
    expect(await banks.books.balance('bank2', '2')).toBe('100.00');
    expect((await call(`${bank2.url}/transfers/1700000000000`)).body).toMatchObject({ state: 'CREDITED' });
  });

  it('keeps every digit of a 19-digit txNo and of a large amount', async () => {
    await banks.books.open('bank2', 'digits', '0.00');
    const event = '"accountNo":"1","toAccountNo":"digits"';
    await sender.deliver(
      `{"accountChange":{"txNo":9007199254740993123,${event},"amount":90071992547409.93}}`,
    );
    await sender.deliver(`{"accountChange":{"txNo":9007199254740993124,${event},"amount":0.01}}`);
    await decided('9007199254740993124');
    expect(await decided('9007199254740993123')).toMatchObject({ amount: '90071992547409.93' });
    await eventually(async () => (await banks.books.balance('bank2', 'digits')) === '90071992547409.94');
  });

  it('takes the same event in another form for a duplicate', async () => {
    await banks.books.open('bank2', 'forms', '0.00');
    await sender.deliver(
      '{"accountChange":{"txNo":"forms","accountNo":"1","toAccountNo":"forms","amount":"100.00"}}',
    );
    await decided('forms');
    await sender.deliver(
      '{"accountChange":{"amount":100,"toAccountNo":"forms","accountNo":1,"txNo":"forms"}}',
    );
    await sender.deliver(
      '{"x":1,"accountChange":{"amount":1.0E2,"memo":null,"accountNo":"1","txNo":"forms","toAccountNo":"forms"}}',
    );
    await untilEnds('forms', 3);
    expect(ends('forms').slice(1)).toEqual(['message consumed: DUPLICATE', 'message consumed: DUPLICATE']);
    expect(await banks.books.balance('bank2', 'forms')).toBe('100.00');
  });

  it.each([
    ['amount', { amount: '100.01' }],
    ['payer', { accountNo: '3' }],
    ['payee', { toAccountNo: 'other' }],
  ])('keeps a second event with another %s under one txNo as a dead letter', async (what, change) => {
    const txNo = `conflict-${what}`;
    await banks.books.open('bank2', txNo, '0.00');
    const accountChange = { txNo, accountNo: '1', toAccountNo: txNo, amount: '100.00' };
    await sender.deliver({ accountChange });
    await decided(txNo);
    await sender.deliver({ accountChange: { ...accountChange, ...change } });
    await untilEnds(txNo, 2);
    expect(await banks.books.deadLetters()).toContainEqual({ txNo, reason: 'TX_NO_CONFLICT' });
    expect(await banks.books.incoming(txNo)).toMatchObject({ amount: '100.00', state: 'CREDITED' });
    expect(await banks.books.balance('bank2', txNo)).toBe('100.00');
  });

  it('refuses for good what can never be credited, says why, and credits nothing', async () => {
    await banks.books.open('bank2', 'frozen', '5.00', 'FROZEN');
    await banks.books.open('bank2', 'full', '99999999999999999.99');
    for (const toAccountNo of ['nobody', 'frozen', 'full']) {
      await sender.deliver({
        accountChange: { txNo: toAccountNo, accountNo: '1', toAccountNo, amount: '0.01' },
      });
    }
    expect(await decided('nobody')).toMatchObject({ state: 'REJECTED', reason: 'NO_SUCH_ACCOUNT' });
    expect(await decided('frozen')).toMatchObject({ state: 'REJECTED', reason: 'ACCOUNT_FROZEN' });
    expect(await decided('full')).toMatchObject({ state: 'REJECTED', reason: 'BALANCE_OVERFLOW' });
    expect(await banks.books.balance('bank2', 'frozen')).toBe('5.00');
    expect(await banks.books.balance('bank2', 'full')).toBe('99999999999999999.99');
    expect((await call(`${bank2.url}/transfers/frozen`)).body).toMatchObject({ reason: 'ACCOUNT_FROZEN' });
  });

  it('puts every kind of poison aside, and goes on with what comes behind it', async () => {
    const before = (await banks.books.deadLetters()).filter(({ reason }) => reason === 'POISON').length;
    const event = '"txNo":"poison","accountNo":"1"';
    const poison = [
      'amount=100',
      'null',
      '[]',
      '"text"',
      '{}',
      '{"accountChange":null}',
      '{"accountChange":[]}',
      `{"accountChange":{${event}}}`,
      `{"accountChange":{${event},"amount":0.001}}`,
      `{"accountChange":{${event},"amount":-1}}`,
      `{"accountChange":{${event},"amount":1e999999999}}`,
      `{"accountChange":{${event},"amount":"${'9'.repeat(100_000)}"}}`,
      `{"accountChange":{${event},"amount":1,"toAccountNo":null}}`,
      `{"accountChange":{${event},"amount":1,"toAccountNo":""}}`,
      '{"accountChange":{"txNo":"a b","accountNo":"1","amount":1}}',
      '{"accountChange":{"txNo":1.5,"accountNo":"1","amount":1}}',
      `{"accountChange":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      Buffer.from([0xff, 0xfe, 0x00, 0x80]),
      `{"accountChange":{${event},"amount":1,"note":"${'x'.repeat(2_000_000)}`,
    ];
    for (const body of poison) await sender.deliver(body);
    await sender.deliver('{"accountChange":{"txNo":"behind","accountNo":"1","toAccountNo":"2","amount":1}}');
    await decided('behind');
    const poisoned = async (): Promise<number> =>
      (await banks.books.deadLetters()).filter(({ reason }) => reason === 'POISON').length - before;
    await eventually(async () => (await poisoned()) === poison.length);
    expect(await banks.books.incoming('poison')).toBeUndefined();
    await bank2.waitUntilReady(30_000);
  });
});
