import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import type { Bank } from '@txmsg/contracts';
import type { TransferOrder } from '../kit/http.js';
import type { TestBanks } from '../kit/test-banks.js';

export type FullOrder = Required<TransferOrder>;

/** The barrier row of one attempt. */
export interface AttemptRow {
  readonly attempt: string;
  readonly txNo: string;
  readonly outcome: 'COMMIT' | 'ROLLBACK';
}

export interface OutboxRow {
  readonly txNo: string;
  readonly body: Buffer;
}

/** Longer than any deadline of the banks under test. */
const STUCK_AFTER_SECONDS = 20;

/**
 * What the matrix reads from and writes to the databases directly: states that only a broker's loss leaves behind,
 * transactions and locks, the purge of the barrier.
 */
export class MatrixBooks {
  private readonly pool: Pool;
  private readonly bank1: string;
  private readonly bank2: string;

  constructor(banks: TestBanks) {
    this.pool = createPool({
      ...parseMysqlUrl(banks.servers.mysqlRootUrl),
      connectionLimit: 4,
      connectTimeout: 5000,
    });
    this.bank1 = databaseOf(banks.mysqlUrl('bank1'));
    this.bank2 = databaseOf(banks.mysqlUrl('bank2'));
  }

  /** What bank1's local transaction leaves when the broker then loses its message. */
  async debitWithoutMessage({ txNo, accountNo, toAccountNo, amount }: FullOrder): Promise<void> {
    await this.query(
      `INSERT INTO ${this.bank1}.outgoing_transfer (tx_no, account_no, to_account_no, amount, state, create_time)
       VALUES (?, ?, ?, ?, 'DEBITED', UTC_TIMESTAMP(3) - INTERVAL 1 DAY)`,
      [txNo, accountNo, toAccountNo, amount],
    );
    await this.change('bank1', accountNo, `-${amount}`);
  }

  /** What both banks' transactions leave when the result is then lost; it was REJECTED when there is a reason. */
  async decideWithoutResult(order: FullOrder, reason: string | null): Promise<void> {
    const { txNo, accountNo, toAccountNo, amount } = order;
    await this.debitWithoutMessage(order);
    await this.query(
      `INSERT INTO ${this.bank2}.incoming_transfer (tx_no, account_no, to_account_no, amount, state, reason)
       VALUES (?, ?, ?, ?, ?, ?)`,
      [txNo, accountNo, toAccountNo, amount, reason === null ? 'CREDITED' : 'REJECTED', reason],
    );
    if (reason === null) await this.change('bank2', toAccountNo, amount);
  }

  /** Lets the pauses of reconciliation pass for transfers that were made here. */
  async makeDue(): Promise<void> {
    await this.query(
      `UPDATE ${this.bank1}.outgoing_transfer SET next_check_at = UTC_TIMESTAMP(3)
       WHERE state = 'DEBITED' AND create_time < UTC_TIMESTAMP(3) - INTERVAL 12 HOUR`,
    );
  }

  attempts(): Promise<AttemptRow[]> {
    return this.query(
      `SELECT tx_no AS txNo, attempt, outcome FROM ${this.bank1}.de_duplication WHERE attempt <> ''`,
    );
  }

  /** The txNos that have been done in this scope, at this bank. */
  async done(bank: Bank, scope: string): Promise<Set<string>> {
    const rows = await this.query<{ txNo: string }>(
      `SELECT tx_no AS txNo FROM ${this.database(bank)}.de_duplication WHERE scope = ? AND attempt = ''`,
      [scope],
    );
    return new Set(rows.map(({ txNo }) => txNo));
  }

  /** As the retention does it after some days. */
  async purgeBarrier(): Promise<void> {
    for (const bank of [this.bank1, this.bank2]) await this.query(`DELETE FROM ${bank}.de_duplication`);
  }

  /** Every result that bank2 has decided to send, in its words. */
  results(): Promise<OutboxRow[]> {
    return this.query(`SELECT tx_no AS txNo, body FROM ${this.bank2}.local_message ORDER BY id`);
  }

  async pendingMessages(): Promise<string[]> {
    const rows = await this.query<{ txNo: string }>(
      `SELECT tx_no AS txNo FROM ${this.bank2}.local_message WHERE state = 'PENDING'
       UNION ALL SELECT tx_no FROM ${this.bank1}.local_message WHERE state = 'PENDING'`,
    );
    return rows.map(({ txNo }) => txNo);
  }

  async deadLetters(bank: Bank): Promise<string[]> {
    const rows = await this.query<{ txNo: string | null }>(
      `SELECT tx_no AS txNo FROM ${this.database(bank)}.dead_letter`,
    );
    return rows.map(({ txNo }) => String(txNo));
  }

  /** Transactions of these banks that no deadline has ended, with what they last did. */
  stuckTransactions(): Promise<{ thread: number; query: string | null }[]> {
    return this.query(
      `SELECT t.trx_mysql_thread_id AS thread, t.trx_query AS query FROM information_schema.innodb_trx t
         JOIN information_schema.processlist p ON p.ID = t.trx_mysql_thread_id
       WHERE p.DB IN (?, ?) AND t.trx_started < NOW() - INTERVAL ${STUCK_AFTER_SECONDS} SECOND`,
      [this.bank1, this.bank2],
    );
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private async change(bank: Bank, accountNo: string, amount: string): Promise<void> {
    await this.query(
      `UPDATE ${this.database(bank)}.account_info
       SET account_balance = account_balance + CAST(? AS DECIMAL(19,2)) WHERE account_no = ?`,
      [amount, accountNo],
    );
  }

  private database(bank: Bank): string {
    return bank === 'bank1' ? this.bank1 : this.bank2;
  }

  private async query<Row>(sql: string, parameters: (string | null)[] = []): Promise<Row[]> {
    const [rows] = await this.pool.query<RowDataPacket[]>(sql, parameters);
    return rows as Row[];
  }
}

function databaseOf(url: string): string {
  return parseMysqlUrl(url).database ?? '';
}
