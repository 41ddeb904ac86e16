import { txmsgSql } from 'txmsg/schema';
import type { BenchWorld } from '../transfer/bench-world.js';
import { accountNo, ACCOUNTS } from '../transfer/side.js';

/** A database of the smallest services, with the library's tables, accounts, and a row for each payment. */
export async function createPaymentDatabase(world: BenchWorld, name: string, balance: string): Promise<void> {
  const connection = await world.connect();
  try {
    await connection.query(`CREATE DATABASE ${name}; USE ${name}`);
    await connection.query(txmsgSql());
    await connection.query('CREATE TABLE account_info LIKE bank1.account_info');
    await connection.query(
      `CREATE TABLE payment (tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin PRIMARY KEY,
         create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3))`,
    );
    const rows = Array.from({ length: ACCOUNTS }, (_, index) => ['bench', accountNo(index), balance]);
    await connection.query('INSERT INTO account_info (account_name, account_no, account_balance) VALUES ?', [
      rows,
    ]);
  } finally {
    await connection.end();
  }
}
