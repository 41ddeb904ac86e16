import { parseMysqlUrl } from 'txmsg/mysql';
import { LIST_MAX, type AuditOptions } from './audit.js';
import type {
  AccountsReading,
  BankName,
  BookedTransfer,
  ContradictedTopUp,
  OpenBooks,
  TopUpsReading,
  WrongAccount,
} from './books.js';
import { SnapshotConnection } from './snapshot-connection.js';

/** Rows of a page; large enough that the round trips cost little, small enough for any memory. */
const PAGE_SIZE = 2000;

/** What the banks' tables have in common: where transfers stand, and how a transfer moves an account. */
const TABLES = {
  // Debited for good unless it was given back.
  bank1: {
    transfers: 'outgoing_transfer',
    accountNo: 'account_no',
    moved: "state IN ('DEBITED', 'COMPLETED')",
    sign: '-',
  },
  bank2: {
    transfers: 'incoming_transfer',
    accountNo: 'to_account_no',
    moved: "state = 'CREDITED'",
    sign: '+',
  },
} as const;

export interface ReadingOptions extends AuditOptions {
  /** The longest that one statement may take, in ms; 600 000 at most. @default 60 000 */
  readonly queryTimeoutMs?: number;
  /** The setting that holds the URL, for messages. @default MYSQL_URL */
  readonly setting?: string | undefined;
}

export const QUERY_TIMEOUT_MS = 60_000;

/**
 * A bank's books as they are now.
 *
 * @param url - with the database in its path
 * @throws AuditUnreadableError
 */
export async function openMysqlBooks(
  bank: BankName,
  url: string,
  { queryTimeoutMs = QUERY_TIMEOUT_MS, listMax = LIST_MAX, setting }: ReadingOptions = {},
): Promise<MysqlBooks> {
  const connection = await SnapshotConnection.open(url, queryTimeoutMs, setting);
  return new MysqlBooks(connection, bank, quoted(databaseOf(url)), listMax);
}

export function databaseOf(url: string): string {
  return parseMysqlUrl(url).database ?? '';
}

export function quoted(schema: string): string {
  return `\`${schema.replaceAll('`', '``')}\``;
}

/** A bank's books in its MySQL database. All arithmetic is MySQL's, in DECIMAL. */
export class MysqlBooks implements OpenBooks {
  constructor(
    private readonly connection: SnapshotConnection,
    private readonly bank: BankName,
    /** The database, as an identifier that may stand in SQL. */
    private readonly schema: string,
    private readonly listMax: number,
  ) {}

  async readAccounts(): Promise<AccountsReading> {
    const [sums] = await this.connection.query<{ opening: string; balance: string }>(
      `SELECT COALESCE(SUM(opening_balance), 0.00) AS opening, COALESCE(SUM(account_balance), 0.00) AS balance
       FROM ${this.schema}.account_info`,
    );
    const hasTopUps = await this.hasTopUps();
    const wrong = await this.connection.query<WrongAccount & { total: string | number }>(
      this.wrongAccounts(hasTopUps),
    );
    return {
      ...(hasTopUps && { topUps: await this.readTopUps() }),
      opening: sums?.opening ?? '0.00',
      balance: sums?.balance ?? '0.00',
      wrongCount: Number(wrong[0]?.total ?? 0),
      wrong: wrong.map(({ accountNo, present, due }) => ({ accountNo, present, due })),
    };
  }

  /** By keyset pages, because two of these may share one connection, and a page has a deadline. */
  async *transfers(): AsyncGenerator<BookedTransfer> {
    const select = `SELECT tx_no AS txNo, account_no AS accountNo, to_account_no AS toAccountNo, amount, state
      FROM ${this.schema}.${TABLES[this.bank].transfers}`;
    const pageEnd = `ORDER BY tx_no LIMIT ${PAGE_SIZE}`;
    let page = await this.connection.query<BookedTransfer>(`${select} ${pageEnd}`);
    for (;;) {
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_SIZE) return;
      page = await this.connection.query<BookedTransfer>(`${select} WHERE tx_no > ? ${pageEnd}`, [last.txNo]);
    }
  }

  close(): void {
    this.connection.close();
  }

  /** A database of an earlier version knows none. */
  private async hasTopUps(): Promise<boolean> {
    if (this.bank !== 'bank1') return false;
    const found = await this.connection.query<object>(`SHOW TABLES FROM ${this.schema} LIKE 'top\\_up'`);
    return found.length > 0;
  }

  private async readTopUps(): Promise<TopUpsReading> {
    const [sums] = await this.connection.query<{ sum: string; total: string | number }>(
      `SELECT COALESCE(SUM(amount), 0.00) AS sum, COUNT(*) AS total
       FROM ${this.schema}.top_up WHERE state = 'CREDITED'`,
    );
    const contradicted = await this.connection.query<ContradictedTopUp & { total: string | number }>(
      `SELECT tx_no AS txNo, account_no AS accountNo, amount, state, contradiction, COUNT(*) OVER () AS total
       FROM ${this.schema}.top_up WHERE contradiction IS NOT NULL ORDER BY tx_no LIMIT ${this.listMax}`,
    );
    return {
      credited: sums?.sum ?? '0.00',
      creditedCount: Number(sums?.total ?? 0),
      contradictedCount: Number(contradicted[0]?.total ?? 0),
      contradicted: contradicted.map(({ txNo, accountNo, amount, state, contradiction }) => {
        return { txNo, accountNo, amount, state, contradiction };
      }),
    };
  }

  /** An account has its opening balance, with what its transfers and top-ups have moved. */
  private wrongAccounts(hasTopUps: boolean): string {
    const { transfers, accountNo, moved, sign } = TABLES[this.bank];
    const toppedUp = `
          UNION ALL
          SELECT account_no, SUM(amount) FROM ${this.schema}.top_up WHERE state = 'CREDITED' GROUP BY account_no`;
    return `
      WITH moved AS (
        SELECT account_no, SUM(amount) AS amount FROM (
          SELECT ${accountNo} AS account_no, 0.00 ${sign} SUM(amount) AS amount FROM ${this.schema}.${transfers}
          WHERE ${moved} GROUP BY ${accountNo}${hasTopUps ? toppedUp : ''}
        ) sums GROUP BY account_no
      ), account AS (
        SELECT a.account_no, a.account_balance AS present,
          a.opening_balance + COALESCE(moved.amount, 0.00) AS due
        FROM ${this.schema}.account_info a LEFT JOIN moved ON moved.account_no = a.account_no
        UNION ALL
        SELECT moved.account_no, NULL, moved.amount
        FROM moved LEFT JOIN ${this.schema}.account_info a ON a.account_no = moved.account_no
        WHERE a.id IS NULL
      )
      SELECT account_no AS accountNo, present, due, COUNT(*) OVER () AS total FROM account
      WHERE present IS NULL OR present <> due ORDER BY account_no LIMIT ${this.listMax}`;
  }
}
