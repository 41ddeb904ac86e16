import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bank } from '@txmsg/contracts';
import { createServiceDatabase, databaseUrl, dropServiceDatabase } from '@txmsg/service/provisioning';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';

const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const database = 'bank1_bank_database_spec';

describe("a bank's database", () => {
  let connection: Connection;

  beforeAll(async () => {
    await dropServiceDatabase(rootUrl, database);
    connection = await createConnection(await createServiceDatabase(rootUrl, 'bank1', database));
  });

  afterAll(async () => {
    await connection.end();
    await dropServiceDatabase(rootUrl, database);
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
    await createServiceDatabase(rootUrl, 'bank1', database);
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
});

describe.each<[Bank, Bank]>([
  ['bank1', 'bank2'],
  ['bank2', 'bank1'],
])("%s's account", (bank, neighbour) => {
  const databaseOf = (name: Bank): string => `${name}_rights_spec_of_${bank}`;
  let connection: Connection;

  beforeAll(async () => {
    for (const name of [bank, neighbour]) {
      await dropServiceDatabase(rootUrl, databaseOf(name));
      await createServiceDatabase(rootUrl, name, databaseOf(name));
    }
    connection = await createConnection(databaseUrl(rootUrl, databaseOf(bank)));
  });

  afterAll(async () => {
    await connection.end();
    for (const name of [bank, neighbour]) await dropServiceDatabase(rootUrl, databaseOf(name));
  });

  const theirs = `${databaseOf(neighbour)}.account_info`;

  it.each([
    ['reads', 'SELECT COUNT(*) FROM account_info'],
    ['inserts', "INSERT INTO account_info (account_no, account_name, account_balance) VALUES ('x', 'x', 0)"],
    ['updates', "UPDATE account_info SET account_balance = 1 WHERE account_no = 'x'"],
    ['deletes', "DELETE FROM account_info WHERE account_no = 'x'"],
  ])('%s in its own database', async (_, sql) => {
    await expect(connection.query(sql)).resolves.toBeDefined();
  });

  it.each([
    ['reads its neighbour', `SELECT * FROM ${theirs}`, 'ER_TABLEACCESS_DENIED_ERROR'],
    [
      'inserts into its neighbour',
      `INSERT INTO ${theirs} (account_no) VALUES ('x')`,
      'ER_TABLEACCESS_DENIED_ERROR',
    ],
    ['changes its neighbour', `UPDATE ${theirs} SET account_balance = 1`, 'ER_TABLEACCESS_DENIED_ERROR'],
    ['deletes from its neighbour', `DELETE FROM ${theirs}`, 'ER_TABLEACCESS_DENIED_ERROR'],
    ['enters its neighbour', `USE ${databaseOf(neighbour)}`, 'ER_DBACCESS_DENIED_ERROR'],
    ['reads the accounts of MySQL', 'SELECT * FROM mysql.user', 'ER_TABLEACCESS_DENIED_ERROR'],
    ['makes tables', 'CREATE TABLE extra (id INT)', 'ER_TABLEACCESS_DENIED_ERROR'],
    ['alters its tables', 'ALTER TABLE account_info ADD extra INT', 'ER_TABLEACCESS_DENIED_ERROR'],
    ['drops its tables', 'DROP TABLE account_info', 'ER_TABLEACCESS_DENIED_ERROR'],
    ['empties its tables', 'TRUNCATE TABLE account_info', 'ER_TABLEACCESS_DENIED_ERROR'],
    ['drops its database', `DROP DATABASE ${databaseOf(bank)}`, 'ER_DBACCESS_DENIED_ERROR'],
    ['makes databases', 'CREATE DATABASE intruder', 'ER_DBACCESS_DENIED_ERROR'],
    ['makes accounts', "CREATE USER 'intruder'@'%'", 'ER_SPECIFIC_ACCESS_DENIED_ERROR'],
    ['gives rights', `GRANT SELECT ON ${databaseOf(bank)}.* TO CURRENT_USER()`, 'ER_DBACCESS_DENIED_ERROR'],
  ])('never %s', async (_, sql, code) => {
    await expect(connection.query(sql)).rejects.toMatchObject({ code });
  });
});
