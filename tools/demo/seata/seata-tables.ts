import { serviceNamed } from '@txmsg/contracts';
import type { RowDataPacket } from 'mysql2/promise';
import { SceneTables } from '../scene-tables.js';

const BANK1 = serviceNamed('seata-bank1').database;
const BANK2 = serviceNamed('seata-bank2').database;
const BANKS = [BANK1, BANK2];

/** What the scene reads and changes in the tables themselves: its own accounts, and what a person would. */
export class SeataTables extends SceneTables {
  /** An account of this number at either bank; the payer's has the balance. */
  async openAccounts(accountNo: string, balance: string): Promise<void> {
    await this.use(async (connection) => {
      for (const [database, has] of [
        [BANK1, balance],
        [BANK2, '0.00'],
      ]) {
        await connection.execute(
          `INSERT INTO ${database}.account_info (account_name, account_no, account_balance, opening_balance) VALUES (?, ?, ?, ?)`,
          [accountNo, accountNo, has ?? '0.00', has ?? '0.00'],
        );
      }
    });
  }

  /** What the payer has at bank1, what is reserved there included, and the payee at bank2. */
  async balances(accountNo: string): Promise<{ readonly bank1: string; readonly bank2: string }> {
    const [row] = await this.rows<{ bank1: string; bank2: string }>(
      `SELECT (SELECT account_balance + reserved FROM ${BANK1}.account_info WHERE account_no = ?) AS bank1,
         (SELECT account_balance FROM ${BANK2}.account_info WHERE account_no = ?) AS bank2`,
      [accountNo, accountNo],
    );
    return { bank1: row?.bank1 ?? '', bank2: row?.bank2 ?? '' };
  }

  /** What phase two has not ended yet of the accounts of this run: undo logs, tried fences, open transfers, reserved credits. */
  async openWork(run: string): Promise<number> {
    const [row] = await this.rows<{ open: string }>(
      `SELECT (SELECT COUNT(*) FROM ${BANK1}.transfer t WHERE t.account_no LIKE ? AND (t.state = 'OPEN'
           OR EXISTS (SELECT 1 FROM ${BANK1}.undo_log u WHERE u.xid = t.xid AND u.log_status = 0)
           OR EXISTS (SELECT 1 FROM ${BANK2}.undo_log u WHERE u.xid = t.xid AND u.log_status = 0)
           OR EXISTS (SELECT 1 FROM ${BANK1}.tcc_fence_log f WHERE f.xid = t.xid AND f.status = 1)
           OR EXISTS (SELECT 1 FROM ${BANK2}.tcc_fence_log f WHERE f.xid = t.xid AND f.status = 1)))
         + (SELECT COUNT(*) FROM ${BANK2}.credit c WHERE c.account_no LIKE ? AND c.state = 'RESERVED') AS open`,
      [`${run}%`, `${run}%`],
    );
    return Number(row?.open);
  }

  /** The status of the fence row that the global transaction has at bank2; 4: cancelled before it was tried. */
  async fenceAtBank2(xid: string): Promise<number | undefined> {
    const [row] = await this.rows<{ status: number }>(
      `SELECT status FROM ${BANK2}.tcc_fence_log WHERE xid = ?`,
      [xid],
    );
    return row?.status;
  }

  /** By hand, as somebody does who knows nothing of AT. */
  async depositAtBank2(accountNo: string, amount: string): Promise<void> {
    await this.use((connection) =>
      connection.execute(
        `UPDATE ${BANK2}.account_info
         SET account_balance = account_balance + ?, opening_balance = opening_balance + ? WHERE account_no = ?`,
        [amount, amount, accountNo],
      ),
    );
  }

  /** What a person does about a transfer that the coordinator has given up: takes it back at both banks, then the undo logs. */
  async takeBack(txNo: string, xid: string): Promise<void> {
    await this.use(async (connection) => {
      await connection.beginTransaction();
      await connection.execute(
        `UPDATE ${BANK2}.account_info a JOIN ${BANK2}.credit c ON c.account_no = a.account_no
         SET a.account_balance = a.account_balance - c.amount WHERE c.tx_no = ? AND c.xid = ?`,
        [txNo, xid],
      );
      await connection.execute(`DELETE FROM ${BANK2}.credit WHERE tx_no = ? AND xid = ?`, [txNo, xid]);
      await connection.execute(
        `UPDATE ${BANK1}.account_info a JOIN ${BANK1}.transfer t ON t.account_no = a.account_no
         SET a.account_balance = a.account_balance + t.amount, t.state = 'ROLLED_BACK' WHERE t.tx_no = ? AND t.xid = ?`,
        [txNo, xid],
      );
      for (const database of BANKS)
        await connection.execute(`DELETE FROM ${database}.undo_log WHERE xid = ? AND log_status = 0`, [xid]);
      await connection.commit();
    });
  }

  private async rows<Row>(sql: string, parameters: readonly string[]): Promise<Row[]> {
    const [rows] = await this.use((connection) =>
      connection.execute<(Row & RowDataPacket)[]>(sql, [...parameters]),
    );
    return rows;
  }
}
