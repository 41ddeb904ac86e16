import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { createBankDatabase, dropBankDatabase } from './bank-database.js';

const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const database = 'bank1_bank_database_spec';

describe("a bank's database", () => {
  let connection: Connection;

  beforeAll(async () => {
    await dropBankDatabase(rootUrl, database);
    connection = await createConnection(await createBankDatabase(rootUrl, 'bank1', database));
  });

  afterAll(async () => {
    await connection.end();
    await dropBankDatabase(rootUrl, database);
  });

  const select = async (sql: string): Promise<RowDataPacket[]> =>
    (await connection.query<RowDataPacket[]>(sql))[0];

  it('has the seed account', async () => {
    await expect(
      select('SELECT account_no, account_name, account_balance FROM account_info'),
    ).resolves.toEqual([{ account_no: '1', account_name: '张三', account_balance: '10000.00' }]);
  });

  it('keeps balances and its identity when the scripts run again', async () => {
    await connection.query("UPDATE account_info SET account_balance = 1 WHERE account_no = '1'");
    const before = await select('SELECT * FROM account_info, txmsg_identity');
    await createBankDatabase(rootUrl, 'bank1', database);
    await expect(select('SELECT * FROM account_info, txmsg_identity')).resolves.toEqual(before);
  });

  it('refuses a negative balance', async () => {
    await expect(connection.query('UPDATE account_info SET account_balance = -0.01')).rejects.toMatchObject({
      code: 'ER_CHECK_CONSTRAINT_VIOLATED',
    });
  });

  it('tells a from A and "1" from "1 "', async () => {
    const insert = 'INSERT INTO de_duplication (tx_no, scope, outcome) VALUES ?';
    const keys = ['a', 'A', '1', '1 '].map((txNo) => [txNo, 'group', 'COMMIT']);
    await expect(connection.query(insert, [keys])).resolves.toMatchObject([{ affectedRows: 4 }, undefined]);
  });

  it.each([
    ['read its neighbour', 'SELECT * FROM bank1.account_info', 'ER_TABLEACCESS_DENIED_ERROR'],
    ['drop its tables', 'DROP TABLE account_info', 'ER_TABLEACCESS_DENIED_ERROR'],
    ['make accounts', "CREATE USER 'intruder'@'%'", 'ER_SPECIFIC_ACCESS_DENIED_ERROR'],
  ])('does not let its account %s', async (_, sql, code) => {
    await expect(connection.query(sql)).rejects.toMatchObject({ code });
  });
});
