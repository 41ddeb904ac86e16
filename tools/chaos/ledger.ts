import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { openAccounts } from './accounts.js';

export interface OutgoingRow {
  readonly txNo: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
  readonly state: 'DEBITED' | 'COMPLETED' | 'REFUNDED';
  readonly republished: number;
  /** From the debit to the end. */
  readonly tookMs: number;
}

export interface IncomingRow {
  readonly txNo: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
  readonly state: 'CREDITED' | 'REJECTED';
}

/** Both banks' tables, read directly from the databases. */
export class Ledger {
  private readonly pool: Pool;

  constructor(rootUrl: string) {
    this.pool = createPool({ ...parseMysqlUrl(rootUrl), connectionLimit: 2, connectTimeout: 5000 });
  }

  async openAccounts(): Promise<void> {
    const connection = await this.pool.getConnection();
    try {
      await openAccounts(connection);
    } finally {
      connection.release();
    }
  }

  outgoing(): Promise<OutgoingRow[]> {
    return this.query(
      `SELECT tx_no AS txNo, account_no AS accountNo, to_account_no AS toAccountNo, amount, state, republished,
         TIMESTAMPDIFF(MICROSECOND, create_time, update_time) DIV 1000 AS tookMs
       FROM bank1.outgoing_transfer`,
    );
  }

  incoming(): Promise<IncomingRow[]> {
    return this.query(
      `SELECT tx_no AS txNo, account_no AS accountNo, to_account_no AS toAccountNo, amount, state
       FROM bank2.incoming_transfer`,
    );
  }

  /** How much is under way: transfers that have not ended, and messages that have not gone out. */
  async underWay(): Promise<number> {
    const [row] = await this.query<{ n: number }>(
      `SELECT (SELECT COUNT(*) FROM bank1.outgoing_transfer WHERE state = 'DEBITED')
         + (SELECT COUNT(*) FROM bank1.local_message WHERE state = 'PENDING')
         + (SELECT COUNT(*) FROM bank2.local_message WHERE state = 'PENDING') AS n`,
    );
    return Number(row?.n);
  }

  async deadLetters(): Promise<string[]> {
    const rows = await this.query<{ what: string }>(
      `SELECT CONCAT(consumer_group, ' ', COALESCE(tx_no, message_id), ' ', reason) AS what FROM bank1.dead_letter
       UNION ALL SELECT CONCAT(consumer_group, ' ', COALESCE(tx_no, message_id), ' ', reason) FROM bank2.dead_letter`,
    );
    return rows.map(({ what }) => what);
  }

  async overdrawn(): Promise<string[]> {
    const rows = await this.query<{ what: string }>(
      ['bank1', 'bank2']
        .map(
          (bank) => `SELECT CONCAT('${bank} account ', account_no, ' has ', account_balance) AS what
            FROM ${bank}.account_info WHERE account_balance < 0`,
        )
        .join(' UNION ALL '),
    );
    return rows.map(({ what }) => what);
  }

  /** Every row of both banks that belongs to this txNo, as lines. */
  async rowsAbout(txNo: string): Promise<string[]> {
    const tables = [
      'bank1.outgoing_transfer',
      'bank1.de_duplication',
      'bank1.dead_letter',
      'bank2.incoming_transfer',
      'bank2.de_duplication',
      'bank2.local_message',
      'bank2.dead_letter',
    ];
    const lines: string[] = [];
    for (const table of tables) {
      const rows = await this.query<object>(`SELECT * FROM ${table} WHERE tx_no = ?`, [txNo]);
      lines.push(...rows.map((row) => `${table} ${JSON.stringify(row, readableBytes)}`));
    }
    return lines;
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private async query<Row>(sql: string, parameters: string[] = []): Promise<Row[]> {
    const [rows] = await this.pool.query<RowDataPacket[]>(sql, parameters);
    return rows as Row[];
  }
}

/** JSON bodies as text, hashes as hexadecimal digits. */
function readableBytes(_key: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: number[] };
  if (type !== 'Buffer' || data === undefined) return value;
  const bytes = Buffer.from(data);
  return bytes[0] === 0x7b ? bytes.toString('utf8') : bytes.toString('hex');
}
