import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import { transfer } from './kit/http.js';
import { expectAllEnded } from './kit/money.js';
import { TestBanks } from './kit/test-banks.js';

const LONG_AGO = '2020-01-01T00:00:00Z';

/** The handler ends the transfer, and then fails. */
const fails = (txNo: string) => ({ point: 'consume.executed', action: 'throw', times: 1000, txNo }) as const;

/** Reconciliation runs only where a test asks for it. */
describe('dead letters of results at bank1', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let atBank1: Admin;
  let atBank2: Admin;

  beforeAll(async () => {
    banks = await TestBanks.create('result_letters');
    const bank2 = await banks.start('bank2', ADMIN_SETTINGS);
    bank1 = await banks.start('bank1', {
      ...ADMIN_SETTINGS,
      HANDLER_ATTEMPTS_MAX: '1',
      BANK2_URL: new URL(bank2.url).origin,
    });
    [atBank1, atBank2] = [new Admin(bank1), new Admin(bank2)];
  });
  beforeEach(() => atBank1.meetFaults());
  afterAll(() => expectAllEnded(banks.books));
  afterAll(() => banks.close());

  const stateOf = async (txNo: string): Promise<string> => {
    const row = await banks.books.outgoing(txNo);
    return [row?.state, row?.reason].join(' ').trim();
  };
  const untilState = (txNo: string, state: string): Promise<unknown> =>
    eventually(async () => (await stateOf(txNo)) === state);

  /** A transfer whose result bank1 cannot handle, and that result's dead letter, dismissed. */
  async function dismissResult(txNo: string, toAccountNo?: string): Promise<{ id: string; pair: Pair }> {
    const pair = await banks.books.openPair(txNo, '10.00');
    await atBank1.meetFaults(fails(txNo));
    const order = { ...pair, ...(toAccountNo === undefined ? {} : { toAccountNo }), txNo, amount: '4.00' };
    expect((await transfer(bank1, order)).status).toBe(201);
    const id = await atBank1.untilDeadLetter(txNo);
    await atBank1.meetFaults();
    expect(await atBank1.command(`dead-letters dismiss ${id}`)).toMatchObject({ exitCode: 0 });
    expect(await stateOf(txNo)).toBe('DEBITED');
    return { id, pair };
  }
  interface Pair {
    readonly accountNo: string;
    readonly toAccountNo: string;
  }
  const republish = async (): Promise<void> => {
    expect((await atBank2.post('outbox/republish', { since: LONG_AGO })).status).toBe(200);
  };

  it.each([
    ['refused', 'nobody', 'REFUNDED NO_SUCH_ACCOUNT', ['10.00', '0.00']],
    ['credited', undefined, 'COMPLETED', ['6.00', '4.00']],
  ])('that are dismissed do not keep the same result out: %s', async (txNo, payee, state, balances) => {
    const { pair } = await dismissResult(txNo, payee);
    await republish();
    await untilState(txNo, state);
    expect(await banks.books.balances(pair)).toEqual(balances);
  });

  it.each([
    ['asked-refused', 'nobody', 'REFUNDED NO_SUCH_ACCOUNT', ['10.00', '0.00']],
    ['asked-credited', undefined, 'COMPLETED', ['6.00', '4.00']],
  ])('that are dismissed leave the end to what bank2 says: %s', async (txNo, payee, state, balances) => {
    const { id, pair } = await dismissResult(txNo, payee);
    expect(await atBank1.command(`reconcile --tx-no ${txNo}`)).toMatchObject({ exitCode: 0 });
    expect(await stateOf(txNo)).toBe(state);
    await republish();
    await eventually(
      () =>
        bank1.logs().some((line) => line.txNo === txNo && line.message === 'message consumed: DONE') || false,
    );
    expect(await banks.books.balances(pair)).toEqual(balances);
    expect((await atBank1.get(`dead-letters/${id}`)).body).toMatchObject({ state: 'DISMISSED' });
  });
});
