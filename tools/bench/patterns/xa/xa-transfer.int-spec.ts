import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { mysqlDataSourceOptions } from 'txmsg';
import { DataSource } from 'typeorm';
import { XA_DECISION_TABLE, XaTransfer, type XaDatabases, type XaStep } from './xa-transfer.js';

const DATABASES = { payer: 'test_xa_payer', payee: 'test_xa_payee' };
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const PAYMENT_TABLE = 'CREATE TABLE IF NOT EXISTS payment (tx_no VARCHAR(64) PRIMARY KEY)';
const CRASH = new Error('the coordinator is gone');

describe('a transfer by XA whose coordinator crashes', () => {
  let databases: XaDatabases;

  beforeAll(async () => {
    const open = async (name: string): Promise<DataSource> => {
      // As the administrator: only one may see what others have prepared.
      const source = new DataSource(mysqlDataSourceOptions(new URL(name, rootUrl).href));
      await source.initialize();
      await source.query(PAYMENT_TABLE);
      return source;
    };
    await dropServiceDatabase(rootUrl, DATABASES.payer);
    await dropServiceDatabase(rootUrl, DATABASES.payee);
    await createServiceDatabase(rootUrl, 'bank1', DATABASES.payer);
    await createServiceDatabase(rootUrl, 'bank2', DATABASES.payee);
    const [payer, payee] = [await open(DATABASES.payer), await open(DATABASES.payee)];
    databases = { payer, payee, decisions: await open(DATABASES.payer) };
    await databases.decisions.query(XA_DECISION_TABLE);
  });
  afterAll(async () => {
    for (const source of Object.values<DataSource>({ ...databases })) await source.destroy();
  });

  beforeEach(async () => {
    const account =
      "INSERT INTO account_info (account_name, account_no, account_balance) VALUES ('', 'a', 10.00)";
    for (const source of [databases.payer, databases.payee]) {
      await source.query("DELETE FROM account_info WHERE account_no = 'a'");
      await source.query(account);
    }
  });

  const balances = async (): Promise<unknown[]> => {
    const of = (source: DataSource) =>
      source.query<object[]>("SELECT account_balance AS balance FROM account_info WHERE account_no = 'a'");
    return [await of(databases.payer), await of(databases.payee)].flat();
  };
  const crashAt = async (step: XaStep, txNo: string): Promise<void> => {
    const crashing = new XaTransfer(databases, (now) =>
      now === step ? Promise.reject(CRASH) : Promise.resolve(),
    );
    await expect(crashing.pay({ txNo, accountNo: 'a', amount: '1.00' })).rejects.toBe(CRASH);
  };
  const lockOf = (source: DataSource): Promise<unknown> =>
    source.query("SELECT 1 FROM account_info WHERE account_no = 'a' FOR UPDATE NOWAIT");

  it.each([
    ['prepared', 'rolls back', '10.00', '10.00'],
    ['decided', 'commits', '9.00', '11.00'],
  ] as const)('%s: both rows stay locked until recovery, which %s both', async (step, _, payer, payee) => {
    await crashAt(step, `xa-${step}`);
    for (const source of [databases.payer, databases.payee]) {
      await expect(lockOf(source)).rejects.toMatchObject({ code: 'ER_LOCK_NOWAIT' });
    }
    await new XaTransfer(databases).recover();
    for (const source of [databases.payer, databases.payee]) await lockOf(source);
    expect(await balances()).toEqual([{ balance: payer }, { balance: payee }]);
  });

  it('moves the money when nothing crashes', async () => {
    await new XaTransfer(databases).pay({ txNo: 'xa-whole', accountNo: 'a', amount: '1.00' });
    expect(await balances()).toEqual([{ balance: '9.00' }, { balance: '11.00' }]);
  });
});
