import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import type { ForeignSender } from './kit/foreign-sender.js';
import { transfer } from './kit/http.js';
import { expectAllEnded } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

const ATTEMPTS_MAX = 2;
const BANK2 = { ...ADMIN_SETTINGS, HANDLER_ATTEMPTS_MAX: String(ATTEMPTS_MAX) };

/** The handler does all its work, and then fails, as often as it is tried. */
const alwaysFails = (txNo: string) =>
  ({ point: 'consume.executed', action: 'throw', times: 1000, txNo }) as const;
const cannotBeStored = (txNo: string) =>
  ({ point: 'dead-letter.before-store', action: 'throw', times: 1000, txNo }) as const;
const diesBeforeCommit = (txNo: string) =>
  ({ point: 'consume.before-commit', action: 'kill', txNo }) as const;

describe('dead letters of bank2', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;
  let admin: Admin;
  let sender: ForeignSender;

  const startBank2 = async (): Promise<void> => {
    bank2 = await banks.start('bank2', BANK2);
    admin = new Admin(bank2);
  };

  beforeAll(async () => {
    banks = await TestBanks.create('dead_letters');
    [bank1, sender] = await Promise.all([
      banks.start('bank1', ADMIN_SETTINGS),
      banks.foreignSender(),
      startBank2(),
    ]);
  });
  beforeEach(() => admin.meetFaults());
  afterAll(() => expectAllEnded(banks.books));
  afterAll(async () => {
    await sender.close();
    await banks.close();
  });

  const stateOf = async (txNo: string): Promise<string> => {
    const row = await banks.books.outgoing(txNo);
    return [row?.state, row?.reason].join(' ').trim();
  };
  const untilState = (txNo: string, state: string): Promise<unknown> =>
    eventually(async () => (await stateOf(txNo)) === state);
  /** A transfer whose message bank2 cannot handle, and its dead letter. */
  const bury = async (txNo: string) => {
    const order = { ...(await banks.books.openPair(txNo, '10.00')), txNo, amount: '4.00' };
    await admin.meetFaults(alwaysFails(txNo));
    expect((await transfer(bank1, order)).status).toBe(201);
    return { order, id: await admin.untilDeadLetter(txNo) };
  };
  /** The same message once more; it waits until bank2 has dealt with it. */
  const deliverAgain = async (order: { txNo: string }, end: string): Promise<void> => {
    const isEnd = ({ message, txNo }: { message: string; txNo?: unknown }): boolean =>
      txNo === order.txNo && message === end;
    const before = bank2.logs().filter(isEnd).length;
    await sender.deliver({ accountChange: order }, order.txNo);
    await eventually(() => bank2.logs().filter(isEnd).length > before);
  };

  it('hold what failed on every attempt while its neighbours pass, and credit it once when it is re-driven', async () => {
    const order = { ...(await banks.books.openPair('stuck', '10.00')), txNo: 'stuck', amount: '4.00' };
    const neighbour = {
      ...(await banks.books.openPair('neighbour', '1.00')),
      txNo: 'neighbour',
      amount: '1.00',
    };
    const failures = () =>
      bank2.logs().filter(({ message, txNo }) => txNo === 'stuck' && message.includes('handler failure'));
    // It goes on failing until its neighbour has passed, however long that takes.
    await admin.meetFaults(alwaysFails('stuck'), cannotBeStored('stuck'));
    expect((await transfer(bank1, order)).status).toBe(201);
    await eventually(() => failures().length > 0);
    expect((await transfer(bank1, neighbour)).status).toBe(201);
    await untilState('neighbour', 'COMPLETED');
    expect(await banks.books.deadLetters()).toEqual([]);
    await admin.meetFaults(alwaysFails('stuck'));
    const id = await admin.untilDeadLetter('stuck');
    expect(failures()).toHaveLength(ATTEMPTS_MAX - 1);
    expect(await banks.books.balances(order)).toEqual(['6.00', '0.00']);

    const early = await admin.post(`dead-letters/${id}/redrive`);
    expect(early.body).toMatchObject({ status: 422, code: 'DEAD_LETTER_FAILED_AGAIN' });
    expect(await banks.books.incoming('stuck')).toBeUndefined();

    await admin.meetFaults();
    const redriven = await admin.command(`dead-letters redrive ${id} --note mended --json`);
    expect(redriven).toEqual({ exitCode: 0, output: `${JSON.stringify({ id, outcome: 'DONE' })}\n` });
    const again = await admin.command(`dead-letters redrive ${id}`);
    expect(again).toMatchObject({ exitCode: 1, output: expect.stringContaining('DEAD_LETTER_CLOSED') });
    await deliverAgain(order, 'message consumed: DUPLICATE');
    await untilState('stuck', 'COMPLETED');
    expect(await banks.books.balances(order)).toEqual(['6.00', '4.00']);

    const shown = await admin.command(`dead-letters show ${id}`);
    expect(shown.output).toMatch(/REDRIVE +tester +HANDLER_FAILED/);
    expect(shown.output).toMatch(/REDRIVE +\S+ +DONE +mended/);
  });

  it('are refunded when they are dismissed, and a late delivery credits nothing', async () => {
    const { order, id } = await bury('hopeless');
    await admin.meetFaults();
    expect(await admin.command(`dead-letters dismiss ${id}`)).toMatchObject({ exitCode: 0 });
    await untilState('hopeless', 'REFUNDED DISMISSED');
    await deliverAgain(order, 'message consumed: DUPLICATE');
    expect(await banks.books.incoming('hopeless')).toMatchObject({ state: 'REJECTED', reason: 'DISMISSED' });
    expect(await banks.books.balances(order)).toEqual(['10.00', '0.00']);
  });

  it('of a transfer that was credited after all change nothing when dismissed, even after a purge of the barrier', async () => {
    const { order, id } = await bury('credited');
    await admin.meetFaults();
    await deliverAgain(order, 'message consumed: DONE');
    await untilState('credited', 'COMPLETED');
    await banks.books.purgeBarrier('credited');

    expect((await admin.post(`dead-letters/${id}/dismiss`)).body).toEqual({ id, outcome: 'DONE' });
    await eventually(async () => (await banks.books.resultsPublished('credited')) === 2);
    const duplicates = () =>
      bank1
        .logs()
        .filter(({ message, txNo }) => txNo === 'credited' && message === 'message consumed: DUPLICATE');
    await eventually(() => duplicates().length === 1);
    expect(await banks.books.incoming('credited')).toMatchObject({ state: 'CREDITED' });
    expect(await stateOf('credited')).toBe('COMPLETED');
    expect(await banks.books.balances(order)).toEqual(['6.00', '4.00']);
  });

  it('whose txNo a foreign message took are told so again when dismissed', async () => {
    const pair = await banks.books.openPair('taken', '10.00');
    await sender.deliver({
      accountChange: { ...pair, txNo: 'taken', toAccountNo: 'nobody', amount: '4.00' },
    });
    await eventually(async () => (await banks.books.incoming('taken')) !== undefined);
    await transfer(bank1, { ...pair, txNo: 'taken', amount: '4.00' });
    const id = await admin.untilDeadLetter('taken');
    await untilState('taken', 'REFUNDED TX_NO_CONFLICT');
    await eventually(async () => (await banks.books.resultsWaiting()).length === 0);
    const before = await banks.books.resultsPublished('taken');
    expect((await admin.post(`dead-letters/${id}/dismiss`)).body).toEqual({ id, outcome: 'DONE' });
    await eventually(async () => (await banks.books.resultsPublished('taken')) === before + 1);
    expect(await banks.books.balances(pair)).toEqual(['10.00', '0.00']);
  });

  it.each([
    ['redrive', 'COMPLETED', ['6.00', '4.00']],
    ['dismiss', 'REFUNDED DISMISSED', ['10.00', '0.00']],
  ])('stay open when bank2 crashes during a %s, which then is done once', async (action, state, balances) => {
    const { order, id } = await bury(`killed-${action}`);
    await admin.meetFaults(diesBeforeCommit(order.txNo));
    await expect(admin.post(`dead-letters/${id}/${action}`)).rejects.toThrow();
    expect(await bank2.exited).toMatchObject({ signal: 'SIGKILL' });
    expect(await banks.books.incoming(order.txNo)).toBeUndefined();

    await startBank2();
    expect((await admin.get(`dead-letters/${id}`)).body).toMatchObject({ state: 'OPEN', history: [] });
    // The database may not have noticed yet that the first one is gone.
    await eventually(async () => (await admin.post(`dead-letters/${id}/${action}`)).status === 200);
    await untilState(order.txNo, state);
    expect(await banks.books.balances(order)).toEqual(balances);
    expect((await admin.get(`dead-letters/${id}`)).body).toMatchObject({
      history: [{ by: 'tester', outcome: 'DONE' }],
    });
  });

  it('leave their transfer under way, and a reconciliation that gets no answer of bank2 says so', async () => {
    const { order, id } = await bury('looked-up');
    const toBank1 = new Admin(bank1);
    const report = await toBank1.command('reconcile --tx-no looked-up');
    expect(report).toMatchObject({ exitCode: 1 });
    await admin.meetFaults();
    await admin.post(`dead-letters/${id}/redrive`);
    await untilState('looked-up', 'COMPLETED');
    expect(await banks.books.balances(order)).toEqual(['6.00', '4.00']);
    expect(await toBank1.command('reconcile --tx-no looked-up')).toMatchObject({
      exitCode: 0,
      output: '0 looked up, 0 ended, 0 sent again, 0 left for later.\n',
    });
  });
});
