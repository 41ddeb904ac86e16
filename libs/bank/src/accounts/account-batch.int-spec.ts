import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { mysqlDataSourceOptions } from 'txmsg';
import { DataSource, type EntityManager } from 'typeorm';
import { creditAll, debitAll, refundAll, type AccountChange } from './account-batch.js';
import { BALANCE_MAX } from './account-ledger.js';

const DATABASE = 'test_account_batch';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

describe('changes of many accounts in one transaction', () => {
  let dataSource: DataSource;

  beforeAll(async () => {
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'bank1', DATABASE);
    dataSource = await new DataSource(mysqlDataSourceOptions(url, { connectTimeoutMs: 30_000 })).initialize();
  });
  afterAll(() => dataSource.destroy());

  beforeEach(async () => {
    await dataSource.query('DELETE FROM account_info');
    await dataSource.query(
      `INSERT INTO account_info (account_name, account_no, account_balance, status) VALUES
         ('', 'a', 10.00, 'ACTIVE'), ('', 'b', 10.00, 'ACTIVE'), ('', 'frozen', 10.00, 'FROZEN'),
         ('', 'full', ${BALANCE_MAX}, 'ACTIVE')`,
    );
  });

  async function balances(): Promise<Record<string, string>> {
    const rows = await dataSource.query<{ account_no: string; account_balance: string }[]>(
      'SELECT account_no, account_balance FROM account_info ORDER BY account_no',
    );
    return Object.fromEntries(rows.map(({ account_no, account_balance }) => [account_no, account_balance]));
  }

  /** The statements of `work` on accounts. */
  async function statementsOf<T>(
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<{ value: T; statements: string[] }> {
    const statements: string[] = [];
    const value = await dataSource.transaction((manager) => {
      const query = manager.query.bind(manager);
      manager.query = ((sql: string, parameters?: unknown[]) => {
        statements.push(sql.trim().slice(0, 6));
        return query(sql, parameters);
      }) as typeof manager.query;
      return work(manager);
    });
    return { value, statements };
  }

  const unchanged = { a: '10.00', b: '10.00', frozen: '10.00', full: BALANCE_MAX };
  const change = (accountNo: string, amount: string): AccountChange => ({ accountNo, amount });

  it('takes one statement while none is refused', async () => {
    const debits = [change('b', '3.00'), change('a', '1.00'), change('b', '7.00')];
    const { value, statements } = await statementsOf((manager) => debitAll(manager, debits));
    expect(value).toEqual(['DONE', 'DONE', 'DONE']);
    expect(statements).toEqual(['UPDATE']);
    expect(await balances()).toEqual({ ...unchanged, a: '9.00', b: '0.00' });
  });

  it('decides each debit by itself, in their order', async () => {
    const debits = [
      change('b', '6.00'),
      change('frozen', '1.00'),
      change('a', '4.00'),
      change('b', '5.00'),
      change('nobody', '1.00'),
      change('b', '4.00'),
    ];
    const { value } = await statementsOf((manager) => debitAll(manager, debits));
    expect(value).toEqual([
      'DONE',
      'ACCOUNT_FROZEN',
      'DONE',
      'INSUFFICIENT_BALANCE',
      'NO_SUCH_ACCOUNT',
      'DONE',
    ]);
    expect(await balances()).toEqual({ ...unchanged, a: '6.00', b: '0.00' });
  });

  it.each([
    ['an account that is not there', change('nobody', '0.01'), 'NO_SUCH_ACCOUNT'],
    ['a frozen account', change('frozen', '0.01'), 'ACCOUNT_FROZEN'],
    ['a full account', change('full', '0.01'), 'BALANCE_OVERFLOW'],
  ])('refuses a credit of %s, and keeps the others', async (_which, refused, outcome) => {
    const credits = [change('a', '1.00'), refused, change('b', '2.00')];
    const { value } = await statementsOf((manager) => creditAll(manager, credits));
    expect(value).toEqual(['DONE', outcome, 'DONE']);
    expect(await balances()).toEqual({ ...unchanged, a: '11.00', b: '12.00' });
  });

  it('refuses in a session that is not strict, too', async () => {
    const credits = [change('full', '1.00'), change('nobody', '1.00'), change('a', '1.00')];
    const { value } = await statementsOf(async (manager) => {
      await manager.query("SET SESSION sql_mode = ''");
      return creditAll(manager, credits);
    });
    expect(value).toEqual(['BALANCE_OVERFLOW', 'NO_SUCH_ACCOUNT', 'DONE']);
    expect(await balances()).toEqual({ ...unchanged, a: '11.00' });
  });

  it('gives money back to accounts that are frozen', async () => {
    await statementsOf((manager) => refundAll(manager, [change('frozen', '1.00'), change('a', '2.00')]));
    expect(await balances()).toEqual({ ...unchanged, a: '12.00', frozen: '11.00' });
  });

  it('fails a refund to an account that is gone', async () => {
    const refunds = [change('a', '1.00'), change('nobody', '1.00')];
    await expect(statementsOf((manager) => refundAll(manager, refunds))).rejects.toThrow(
      'only 1 of the accounts a, nobody were changed',
    );
    expect(await balances()).toEqual(unchanged);
  });
});
