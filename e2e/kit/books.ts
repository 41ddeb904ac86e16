import { auditOneServer, type AuditReport } from '@txmsg/bank/audit';
import { databaseUrl } from '@txmsg/service/provisioning';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl, sessionStatement } from 'txmsg/mysql';
import type { Bank } from '@txmsg/contracts';

export interface Account {
  readonly bank: Bank;
  readonly accountNo: string;
  readonly balance: string;
}

/** A row of `outgoing_transfer` or `incoming_transfer`. */
export interface TransferRow {
  readonly txNo: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
  readonly state: string;
  readonly reason: string | null;
}

export interface DeadLetterRow {
  readonly txNo: string | null;
  readonly reason: string;
}

/** A row that a test has locked. */
export interface HeldAccount {
  /** Whether a transaction of this bank waits for an account's row right now. */
  isAwaited(): Promise<boolean>;
  /** Waits for this account's row too, in the same transaction. */
  alsoLock(accountNo: string): Promise<void>;
  release(): Promise<void>;
}

/** Both databases, read and changed directly by their administrator. */
export class Books {
  private readonly pool: Pool;

  constructor(
    private readonly rootUrl: string,
    private readonly bank1: string,
    private readonly bank2: string,
  ) {
    this.pool = createPool({ ...parseMysqlUrl(rootUrl), connectionLimit: 4, connectTimeout: 5000 });
    this.pool.on('connection', (connection) => {
      void connection.query(sessionStatement());
    });
  }

  /** Opens an account with this balance; every test has accounts of its own. */
  async open(bank: Bank, accountNo: string, balance: string, status = 'ACTIVE'): Promise<void> {
    await this.query(
      `INSERT INTO ${this.database(bank)}.account_info
         (account_name, account_no, account_balance, opening_balance, status) VALUES ('test', ?, ?, ?, ?)`,
      [accountNo, balance, balance, status],
    );
  }

  async thaw(bank: Bank, accountNo: string): Promise<void> {
    await this.query(
      `UPDATE ${this.database(bank)}.account_info SET status = 'ACTIVE' WHERE account_no = ?`,
      [accountNo],
    );
  }

  /** Changes a balance without a transfer that explains it. */
  async add(bank: Bank, accountNo: string, amount: string): Promise<void> {
    await this.query(
      `UPDATE ${this.database(bank)}.account_info
       SET account_balance = account_balance + CAST(? AS DECIMAL(19,2)) WHERE account_no = ?`,
      [amount, accountNo],
    );
  }

  /** A credit that no message brought: the row and the money. */
  async inventCredit(
    txNo: string,
    { accountNo, toAccountNo }: { readonly accountNo: string; readonly toAccountNo: string },
    amount: string,
  ): Promise<void> {
    await this.query(
      `INSERT INTO ${this.bank2}.incoming_transfer (tx_no, account_no, to_account_no, amount, state)
       VALUES (?, ?, ?, ?, 'CREDITED')`,
      [txNo, accountNo, toAccountNo, amount],
    );
    await this.add('bank2', toAccountNo, amount);
  }

  /** Undoes a credit without a trace: the row and the money. */
  async removeCredit(txNo: string): Promise<void> {
    const row = await this.incoming(txNo);
    if (row === undefined) throw new Error(`bank2 has no row of ${txNo}`);
    await this.query(`DELETE FROM ${this.bank2}.incoming_transfer WHERE tx_no = ?`, [txNo]);
    await this.add('bank2', row.toAccountNo, `-${row.amount}`);
  }

  /** Opens a payer with this balance and a payee with none. */
  async openPair(name: string, balance: string): Promise<{ accountNo: string; toAccountNo: string }> {
    const pair = { accountNo: `${name}-payer`, toAccountNo: `${name}-payee` };
    await this.open('bank1', pair.accountNo, balance);
    await this.open('bank2', pair.toAccountNo, '0.00');
    return pair;
  }

  /** What payer and payee hold. */
  async balances(pair: { accountNo: string; toAccountNo: string }): Promise<(string | undefined)[]> {
    return [await this.balance('bank1', pair.accountNo), await this.balance('bank2', pair.toAccountNo)];
  }

  async balance(bank: Bank, accountNo: string): Promise<string | undefined> {
    const sql = `SELECT account_balance AS balance FROM ${this.database(bank)}.account_info WHERE account_no = ?`;
    const [row] = await this.query<{ balance: string }>(sql, [accountNo]);
    return row?.balance;
  }

  /** The transfer as bank1 has it. */
  async outgoing(txNo: string): Promise<TransferRow | undefined> {
    return (await this.transfers(`${this.bank1}.outgoing_transfer`, 'WHERE tx_no = ?', [txNo]))[0];
  }

  /** The transfer as bank2 has it. */
  async incoming(txNo: string): Promise<TransferRow | undefined> {
    return (await this.transfers(`${this.bank2}.incoming_transfer`, 'WHERE tx_no = ?', [txNo]))[0];
  }

  allOutgoing(): Promise<TransferRow[]> {
    return this.transfers(`${this.bank1}.outgoing_transfer`);
  }

  allIncoming(): Promise<TransferRow[]> {
    return this.transfers(`${this.bank2}.incoming_transfer`);
  }

  /** How many transfers reconciliation has sent again. */
  async republished(): Promise<number> {
    const [row] = await this.query<{ n: number }>(
      `SELECT COUNT(*) AS n FROM ${this.bank1}.outgoing_transfer WHERE republished > 0`,
    );
    return row?.n ?? 0;
  }

  deadLetters(bank: Bank = 'bank2'): Promise<DeadLetterRow[]> {
    return this.query(`SELECT tx_no AS txNo, reason FROM ${this.database(bank)}.dead_letter ORDER BY id`);
  }

  /** As after the retention: bank2's barrier has forgotten this txNo. */
  async purgeBarrier(txNo: string): Promise<void> {
    await this.query(`DELETE FROM ${this.bank2}.de_duplication WHERE tx_no = ?`, [txNo]);
  }

  /** How many results bank2 has published about this txNo. */
  async resultsPublished(txNo: string): Promise<number> {
    const [row] = await this.query<{ n: number }>(
      `SELECT COUNT(*) AS n FROM ${this.bank2}.local_message WHERE tx_no = ? AND state = 'PUBLISHED'`,
      [txNo],
    );
    return row?.n ?? 0;
  }

  /** The txNos of results that bank2 has decided and not yet published, in order. */
  async resultsWaiting(): Promise<string[]> {
    const rows = await this.query<{ txNo: string }>(
      `SELECT tx_no AS txNo FROM ${this.bank2}.local_message WHERE state = 'PENDING' ORDER BY tx_no`,
    );
    return rows.map(({ txNo }) => txNo);
  }

  /** Whether a transaction holds this account's row right now. */
  async isLocked(bank: Bank, accountNo: string): Promise<boolean> {
    const sql = `SELECT 1 FROM ${this.database(bank)}.account_info WHERE account_no = ? FOR UPDATE NOWAIT`;
    try {
      await this.query(sql, [accountNo]);
      return false;
    } catch (error) {
      if ((error as { errno?: unknown }).errno === 3572) return true;
      throw error;
    }
  }

  /**
   * Keeps every local transaction of this txNo waiting before it has entered the barrier, as a slow one would.
   * @returns lets go
   */
  async holdBarrier(txNo: string, producerGroup: string): Promise<() => Promise<void>> {
    const connection = await this.pool.getConnection();
    await connection.query('START TRANSACTION');
    await connection.query(
      `INSERT INTO ${this.bank1}.de_duplication (tx_no, scope, outcome) VALUES (?, ?, 'COMMIT')`,
      [txNo, producerGroup],
    );
    return async () => {
      await connection.query('ROLLBACK');
      connection.release();
    };
  }

  /**
   * Locks an account's row in a transaction that InnoDB prefers to a bank's in a deadlock: it rolls back the one that has
   * changed fewer rows.
   */
  async holdAccount(bank: Bank, accountNo: string): Promise<HeldAccount> {
    const database = this.database(bank);
    const connection = await this.pool.getConnection();
    const lock = async (no: string): Promise<void> => {
      await connection.query(`SELECT 1 FROM ${database}.account_info WHERE account_no = ? FOR UPDATE`, [no]);
    };
    await connection.query('START TRANSACTION');
    const weight = Array.from({ length: 1000 }, (_, index) => [`weight-${index}`, accountNo, 'COMMIT']);
    await connection.query(`INSERT INTO ${database}.de_duplication (tx_no, scope, outcome) VALUES ?`, [
      weight,
    ]);
    await lock(accountNo);
    return {
      isAwaited: () => this.isAccountAwaited(bank),
      alsoLock: lock,
      release: async () => {
        await connection.query('ROLLBACK');
        connection.release();
      },
    };
  }

  /** How many transactions of this bank's account MySQL has rolled back because of a deadlock. */
  async deadlocks(bank: Bank): Promise<number> {
    const { username } = new URL(databaseUrl(this.rootUrl, this.database(bank)));
    const [row] = await this.query<{ n: string | null }>(
      `SELECT SUM(SUM_ERROR_RAISED) AS n FROM performance_schema.events_errors_summary_by_user_by_error
       WHERE USER = ? AND ERROR_NUMBER = 1213`,
      [username],
    );
    return Number(row?.n);
  }

  /** Every barrier row of both banks becomes older than its retention. */
  async ageBarriers(): Promise<void> {
    for (const database of [this.bank1, this.bank2]) {
      await this.query(`UPDATE ${database}.de_duplication SET create_time = create_time - INTERVAL 8 DAY`);
    }
  }

  async agedBarriers(): Promise<number> {
    const count = (database: string): string =>
      `(SELECT COUNT(*) FROM ${database}.de_duplication WHERE create_time < UTC_TIMESTAMP() - INTERVAL 7 DAY)`;
    const [row] = await this.query<{ n: number }>(`SELECT ${count(this.bank1)} + ${count(this.bank2)} AS n`);
    return Number(row?.n);
  }

  /** Lets a transfer of bank1 be older than it is. */
  async ageTransfer(txNo: string, seconds: number): Promise<void> {
    await this.query(
      `UPDATE ${this.bank1}.outgoing_transfer SET create_time = create_time - INTERVAL ${seconds} SECOND WHERE tx_no = ?`,
      [txNo],
    );
  }

  /** Lets what bank2 has not published yet be older than it is. */
  async ageOutbox(seconds: number): Promise<void> {
    await this.query(
      `UPDATE ${this.bank2}.local_message SET create_time = create_time - INTERVAL ${seconds} SECOND
       WHERE state = 'PENDING'`,
    );
  }

  /** One look at both databases at the same moment. */
  audit(foreignSenders = false): Promise<AuditReport> {
    return auditOneServer(this.rootUrl, { bank1: this.bank1, bank2: this.bank2 }, { foreignSenders });
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private async isAccountAwaited(bank: Bank): Promise<boolean> {
    const rows = await this.query(
      `SELECT 1 FROM performance_schema.data_lock_waits wait
       JOIN performance_schema.data_locks requested ON requested.ENGINE_LOCK_ID = wait.REQUESTING_ENGINE_LOCK_ID
       WHERE requested.OBJECT_SCHEMA = ? AND requested.OBJECT_NAME = 'account_info'`,
      [this.database(bank)],
    );
    return rows.length > 0;
  }

  private transfers(table: string, where = '', parameters: string[] = []): Promise<TransferRow[]> {
    const columns =
      'tx_no AS txNo, account_no AS accountNo, to_account_no AS toAccountNo, amount, state, reason';
    return this.query(`SELECT ${columns} FROM ${table} ${where} ORDER BY tx_no`, parameters);
  }

  private async query<Row>(sql: string, parameters: string[] = []): Promise<Row[]> {
    const [rows] = await this.pool.query<RowDataPacket[]>(sql, parameters);
    return rows as Row[];
  }

  private database(bank: Bank): string {
    return bank === 'bank1' ? this.bank1 : this.bank2;
  }
}
