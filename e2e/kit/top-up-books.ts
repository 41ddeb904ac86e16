import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl, sessionStatement } from 'txmsg/mysql';
import type { TestServices } from './test-services.js';

export interface TopUpRow {
  readonly txNo: string;
  readonly accountNo: string;
  readonly amount: string;
  readonly state: string;
  readonly contradiction: string | null;
}

/** The databases of bank1 and pay, as far as top-ups are concerned, read and changed directly by their administrator. */
export class TopUpBooks {
  private readonly pool: Pool;
  private readonly bank1: string;
  private readonly pay: string;

  constructor(services: TestServices<'bank1' | 'bank2' | 'pay'>) {
    this.bank1 = services.database('bank1');
    this.pay = services.database('pay');
    this.pool = createPool({ ...parseMysqlUrl(services.servers.mysqlRootUrl), connectionLimit: 4 });
    this.pool.on('connection', (connection) => {
      void connection.query(sessionStatement());
    });
  }

  async topUp(txNo: string): Promise<TopUpRow | undefined> {
    return (await this.topUps('WHERE tx_no = ?', [txNo]))[0];
  }

  topUps(where = '', parameters: string[] = []): Promise<TopUpRow[]> {
    return this.query(
      `SELECT tx_no AS txNo, account_no AS accountNo, amount, state, contradiction
       FROM ${this.bank1}.top_up ${where} ORDER BY tx_no`,
      parameters,
    );
  }

  /** A payment without the message about it: what the classic service leaves when it is killed after the insert. */
  async payWithoutMessage(txNo: string, accountNo: string, amount: string): Promise<void> {
    await this.query(
      `INSERT INTO ${this.pay}.account_pay (id, account_no, pay_amount, result) VALUES (?, ?, ?, 'success')`,
      [txNo, accountNo, amount],
    );
  }

  /** The txNos of payments that pay has made. */
  async payments(): Promise<Set<string>> {
    const rows = await this.query<{ id: string }>(`SELECT id FROM ${this.pay}.account_pay`);
    return new Set(rows.map(({ id }) => id));
  }

  /** The txNos that this group of bank1 has consumed. */
  async consumed(group: string): Promise<Set<string>> {
    const rows = await this.query<{ txNo: string }>(
      `SELECT tx_no AS txNo FROM ${this.bank1}.de_duplication WHERE scope = ?`,
      [group],
    );
    return new Set(rows.map(({ txNo }) => txNo));
  }

  /** @returns puts it back */
  async removeMoney(txNo: string): Promise<() => Promise<void>> {
    const change = (sign: string): Promise<unknown> =>
      this.query(
        `UPDATE ${this.bank1}.account_info account JOIN ${this.bank1}.top_up USING (account_no)
         SET account.account_balance = account.account_balance ${sign} top_up.amount WHERE top_up.tx_no = ?`,
        [txNo],
      );
    await change('-');
    return async () => {
      await change('+');
    };
  }

  /** @returns puts it back */
  async removeRow(txNo: string): Promise<() => Promise<void>> {
    const row = await this.topUp(txNo);
    if (row === undefined) throw new Error(`bank1 has no top-up ${txNo}`);
    await this.query(`DELETE FROM ${this.bank1}.top_up WHERE tx_no = ?`, [txNo]);
    return async () => {
      await this.query(
        `INSERT INTO ${this.bank1}.top_up (tx_no, account_no, amount, state) VALUES (?, ?, ?, ?)`,
        [txNo, row.accountNo, row.amount, row.state],
      );
    };
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private async query<Row>(sql: string, parameters: string[] = []): Promise<Row[]> {
    const [rows] = await this.pool.query<RowDataPacket[]>(sql, parameters);
    return rows as Row[];
  }
}
