import type { Databases } from '../databases.js';

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
  constructor(private readonly databases: Databases) {}

  outgoing(): Promise<OutgoingRow[]> {
    return this.databases.query(
      `SELECT tx_no AS txNo, account_no AS accountNo, to_account_no AS toAccountNo, amount, state, republished,
         TIMESTAMPDIFF(MICROSECOND, create_time, update_time) DIV 1000 AS tookMs
       FROM bank1.outgoing_transfer`,
    );
  }

  incoming(): Promise<IncomingRow[]> {
    return this.databases.query(
      `SELECT tx_no AS txNo, account_no AS accountNo, to_account_no AS toAccountNo, amount, state
       FROM bank2.incoming_transfer`,
    );
  }

  /** Transfers that have not ended. */
  async underWay(): Promise<number> {
    const [row] = await this.databases.query<{ n: string }>(
      "SELECT COUNT(*) AS n FROM bank1.outgoing_transfer WHERE state = 'DEBITED'",
    );
    return Number(row?.n);
  }

  async overdrawn(): Promise<string[]> {
    const rows = await this.databases.query<{ what: string }>(
      ['bank1', 'bank2']
        .map(
          (bank) => `SELECT CONCAT('${bank} account ', account_no, ' has ', account_balance) AS what
            FROM ${bank}.account_info WHERE account_balance < 0`,
        )
        .join(' UNION ALL '),
    );
    return rows.map(({ what }) => what);
  }
}
