import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RocketmqAdmin } from 'txmsg/admin';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import type { TransferRow } from './kit/books.js';
import { transfer } from './kit/http.js';
import { expectAllEnded, expectMoneyConserved } from './kit/money.js';
import type { ResultSender } from './kit/result-sender.js';
import { TestBanks } from './kit/test-banks.js';

const DEADLINE_MS = 120_000;

describe('a payee who is unknown, frozen, and thawed later', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;
  let results: ResultSender;
  const payer = 'thaw-payer';
  const payee = 'thaw-payee';
  const orders = {
    unknown: { txNo: 'to-unknown', accountNo: payer, toAccountNo: payee, amount: '1.00' },
    frozen: { txNo: 'to-frozen', accountNo: payer, toAccountNo: payee, amount: '2.00' },
    thawed: { txNo: 'to-thawed', accountNo: payer, toAccountNo: payee, amount: '4.00' },
  };

  beforeAll(async () => {
    banks = await TestBanks.create('thaw');
    [bank1, bank2, results] = await Promise.all([
      banks.start('bank1'),
      banks.start('bank2'),
      banks.resultSender(),
    ]);
    await banks.books.open('bank1', payer, '10.00');
  });
  afterAll(async () => {
    await results.close();
    await banks.close();
  });

  const endOf = async (txNo: string): Promise<string> => {
    const ended = await eventually(
      async () => {
        const row = await banks.books.outgoing(txNo);
        return row !== undefined && row.state !== 'DEBITED' && row;
      },
      { timeoutMs: DEADLINE_MS },
    );
    return [ended.state, ended.reason].join(' ');
  };
  const ends = async (): Promise<string[]> =>
    Promise.all(Object.values(orders).map(({ txNo }) => endOf(txNo)));
  /** Sends every result this often, in a shuffled order, and waits until bank1 has consumed them all. */
  async function repeatResults(times: number): Promise<void> {
    const rows = await banks.books.allIncoming();
    const before = consumedResults();
    for (let round = 0; round < times; round++) {
      for (const { state: outcome, ...row } of round % 2 === 0 ? rows.toReversed() : rows) {
        await results.deliver(row.txNo, { transferResult: { ...row, outcome } });
      }
    }
    await eventually(() => consumedResults() >= before + times * rows.length, { timeoutMs: DEADLINE_MS });
  }
  const consumedResults = (): number =>
    bank1.logs().filter(({ message }) => message.startsWith('message consumed')).length;
  const expectEnds = async (): Promise<void> => {
    expect(await ends()).toEqual(['REFUNDED NO_SUCH_ACCOUNT', 'REFUNDED ACCOUNT_FROZEN', 'COMPLETED ']);
    expect(await banks.books.balances({ accountNo: payer, toAccountNo: payee })).toEqual(['6.00', '4.00']);
    await expectAllEnded(banks.books);
  };

  it('gives two refunds and one credit', async () => {
    await transfer(bank1, orders.unknown);
    expect(await endOf(orders.unknown.txNo)).toBe('REFUNDED NO_SUCH_ACCOUNT');
    await banks.books.open('bank2', payee, '0.00', 'FROZEN');
    await transfer(bank1, orders.frozen);
    expect(await endOf(orders.frozen.txNo)).toBe('REFUNDED ACCOUNT_FROZEN');
    await banks.books.thaw('bank2', payee);
    await transfer(bank1, orders.thawed);
    await expectEnds();
  });

  it('once each, however often and in whatever order the results come, also without the barrier', async () => {
    await repeatResults(3);
    await expectEnds();
    await banks.purgeBarriers();
    await repeatResults(3);
    await expectEnds();
  });

  it('and a late duplicate of what was refused, after the barrier was purged, credits nothing', async () => {
    await banks.purgeBarriers();
    const sender = await banks.foreignSender();
    for (const order of [orders.unknown, orders.frozen, orders.thawed, orders.frozen]) {
      await sender.deliver({ accountChange: order });
    }
    const consumedBy2 = (txNo: string): number =>
      bank2.logs().filter((line) => line.txNo === txNo && line.message.startsWith('message consumed')).length;
    await eventually(() => consumedBy2(orders.frozen.txNo) >= 3 && consumedBy2(orders.thawed.txNo) >= 2, {
      timeoutMs: DEADLINE_MS,
    });
    await eventually(() => consumedBy2(orders.unknown.txNo) >= 2, { timeoutMs: DEADLINE_MS });
    await sender.close();
    const states = (await banks.books.allIncoming()).map(({ txNo, state }: TransferRow) => [txNo, state]);
    expect(states).toEqual([
      ['to-frozen', 'REJECTED'],
      ['to-thawed', 'CREDITED'],
      ['to-unknown', 'REJECTED'],
    ]);
    await expectEnds();
    await expectMoneyConserved(banks.books);
  });
});

/** No bank1 runs until they are all on the topic, so that its first look at a transfer meets several of them. */
describe('results that come several times and in another order before bank1 has had any', () => {
  const TIMES = 3;
  const payer = 'race-payer';
  const orders = ['nobody', 'cold', 'warm'].map((toAccountNo, index) => ({
    txNo: `race-${toAccountNo}`,
    accountNo: payer,
    toAccountNo,
    amount: `${2 ** index}.00`,
  }));
  let banks: TestBanks;
  let admin: RocketmqAdmin;

  beforeAll(async () => {
    banks = await TestBanks.create('race');
    admin = banks.admin();
  });
  afterAll(async () => {
    admin.close();
    await banks.close();
  });

  const untilMessages = (topic: string, count: number): Promise<unknown> =>
    eventually(async () => (await admin.messagesEver(topic)) >= count, { timeoutMs: DEADLINE_MS });

  it('end each transfer once, whichever instance gets which', async () => {
    await banks.books.open('bank1', payer, '10.00');
    await banks.books.open('bank2', 'cold', '0.00', 'FROZEN');
    await banks.books.open('bank2', 'warm', '0.00');
    const sender = await banks.start('bank1');
    for (const order of orders) expect((await transfer(sender, order)).status).toBe(201);
    await untilMessages(banks.topic, orders.length);
    await sender.kill('SIGTERM');

    await banks.start('bank2');
    await untilMessages(banks.resultTopic, orders.length);
    const decided = (await banks.books.allIncoming()).toReversed();
    const results = await banks.resultSender();
    for (let time = 1; time < TIMES; time++) {
      for (const { state: outcome, ...row } of decided) {
        await results.deliver(row.txNo, { transferResult: { ...row, outcome } });
      }
    }
    await untilMessages(banks.resultTopic, TIMES * orders.length);
    const open = (await banks.books.allOutgoing()).map(({ state }) => state);
    expect(open).toEqual(orders.map(() => 'DEBITED'));

    const instances = await Promise.all([banks.start('bank1'), banks.start('bank1')]);
    const consumed = (): string[] =>
      instances
        .flatMap((instance) => [...instance.logs()])
        .map(({ message }) => message)
        .filter((message) => message.startsWith('message consumed'));
    await eventually(() => consumed().length >= TIMES * orders.length, { timeoutMs: DEADLINE_MS });
    await expectAllEnded(banks.books);
    const ends = (await banks.books.allOutgoing()).map(({ txNo, state }) => [txNo, state]);
    expect(ends).toEqual([
      ['race-cold', 'REFUNDED'],
      ['race-nobody', 'REFUNDED'],
      ['race-warm', 'COMPLETED'],
    ]);
    expect(await banks.books.balances({ accountNo: payer, toAccountNo: 'warm' })).toEqual(['6.00', '4.00']);
    expect(await banks.books.balance('bank2', 'cold')).toBe('0.00');
  });
});
