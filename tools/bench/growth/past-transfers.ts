import type { Connection, RowDataPacket } from 'mysql2/promise';
import { AMOUNT } from '../transfer/side.js';

/** Whose past it is. */
export interface PastOwner {
  readonly databases: { readonly bank1: string; readonly bank2: string };
  readonly producerGroup: string;
  readonly consumerGroup: string;
  readonly resultConsumerGroup: string;
  readonly resultTopic: string;
}

const STATEMENT_DEADLINE_MS = 10 * 60_000;
/** One transaction each, so that neither undo nor locks grow with the table. */
const CHUNK_TRANSFERS = 100_000;
const ACCOUNTS = 1000;
/** Rows that come in at random leave the pages of a tree two thirds full. */
const FILL_PERCENT = 70;

// As a UUID looks. The first digits ascend with `i` and spread the keys over the whole tree, where new ones then come
// in everywhere; in this order the tree is filled from left to right, ten times as fast as at random.
const TX_NO = `CONCAT_WS('-', LOWER(LPAD(HEX(FLOOR(i * 4294967295 / @transfers)), 8, '0')), SUBSTR(MD5(i), 1, 4),
  CONCAT('4', SUBSTR(MD5(i), 5, 3)), CONCAT('a', SUBSTR(MD5(i), 8, 3)), SUBSTR(MD5(i), 11, 12))`;
const ACCOUNT_NO = `CONCAT('past-', i % ${ACCOUNTS})`;
// Within the last six days, in an order that has nothing to do with the keys'. Everything is kept for seven.
const TIME = 'TIMESTAMPADD(MICROSECOND, CAST(CRC32(i) AS SIGNED) * -120, @now)';
// As a table that fills itself has them: in the order of the ids.
const NEXT_TIME = 'TIMESTAMPADD(MICROSECOND, i * FLOOR(6 * 86400000000 / @transfers), @now - INTERVAL 6 DAY)';

const OUTGOING = `INSERT INTO outgoing_transfer
    (tx_no, account_no, to_account_no, amount, state, next_check_at, create_time, update_time)
  SELECT ${TX_NO}, ${ACCOUNT_NO}, ${ACCOUNT_NO}, ${AMOUNT}, 'COMPLETED', ${TIME}, ${TIME}, ${TIME}`;
const INCOMING = `INSERT INTO incoming_transfer (tx_no, account_no, to_account_no, amount, state, create_time)
  SELECT ${TX_NO}, ${ACCOUNT_NO}, ${ACCOUNT_NO}, ${AMOUNT}, 'CREDITED', ${TIME}`;
const BARRIER = `INSERT INTO de_duplication (tx_no, scope, attempt, outcome, contents_hash, create_time)
  SELECT ${TX_NO}, kind.scope, IF(kind.has_attempt, UUID(), ''), 'COMMIT', UNHEX(SHA2(i, 256)), ${TIME}`;
// A transfer leaves three rows in the barrier of bank1. Every third of them has its rows there, so that the table has
// as many rows as the others.
const THREE_ROWS = `CROSS JOIN (SELECT ? AS scope, FALSE AS has_attempt UNION ALL SELECT ?, TRUE UNION ALL SELECT ?, FALSE) kind
  WHERE i % 3 = 0`;
const ONE_ROW = 'CROSS JOIN (SELECT ? AS scope, FALSE AS has_attempt) kind';
const PUBLISHED = `INSERT INTO local_message
    (topic, tx_no, body, state, attempts, next_attempt_at, create_time, published_time)
  SELECT kind.topic, ${TX_NO}, JSON_OBJECT('transferResult', JSON_OBJECT('txNo', ${TX_NO}, 'accountNo', ${ACCOUNT_NO},
      'toAccountNo', ${ACCOUNT_NO}, 'amount', '${AMOUNT}', 'outcome', 'CREDITED', 'reason', NULL)),
    'PUBLISHED', 1, ${NEXT_TIME}, ${NEXT_TIME}, ${NEXT_TIME}`;
const OF_THE_TOPIC = 'CROSS JOIN (SELECT ? AS topic) kind';

/**
 * Fills both banks' tables with so many transfers that were COMPLETED long ago: transfers, barrier rows and published
 * results, between accounts of their own, whose balances agree. On the server, in key order and without secondary
 * indexes, which are made afterwards.
 */
export class PastTransfers {
  private constructor(
    private readonly connection: Connection,
    private readonly transfers: number,
  ) {}

  /** @param connection - as the administrator, for scripts of many statements */
  static async fill(connection: Connection, transfers: number, owner: PastOwner): Promise<void> {
    if (transfers === 0) return;
    const { databases, producerGroup, consumerGroup, resultConsumerGroup, resultTopic } = owner;
    const past = new PastTransfers(connection, transfers);
    // Nobody copies this server, and a crash while it is filled costs nothing: neither log would be read.
    await past.run(
      `SET SESSION sql_log_bin = 0, cte_max_recursion_depth = ${CHUNK_TRANSFERS};
       SET @now = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR, @transfers = ${transfers};
       SET GLOBAL innodb_fill_factor = ${FILL_PERCENT};
       ALTER INSTANCE DISABLE INNODB REDO_LOG`,
    );
    await past.run(`USE ${databases.bank1}`);
    await past.fillTable('outgoing_transfer', OUTGOING, '', []);
    const scopes = [producerGroup, producerGroup, resultConsumerGroup];
    await past.fillTable('de_duplication', BARRIER, THREE_ROWS, scopes);
    await past.openAccounts('outgoing_transfer', '0.00', 'SUM(amount)');
    await past.run(`USE ${databases.bank2}`);
    await past.fillTable('incoming_transfer', INCOMING, '', []);
    await past.fillTable('de_duplication', BARRIER, ONE_ROW, [consumerGroup]);
    await past.insertAll(PUBLISHED, OF_THE_TOPIC, [resultTopic]);
    await past.openAccounts('incoming_transfer', 'SUM(amount)', '0.00');
    await past.run('ALTER INSTANCE ENABLE INNODB REDO_LOG; SET GLOBAL innodb_fill_factor = DEFAULT');
  }

  private async fillTable(
    table: string,
    insert: string,
    source: string,
    values: readonly string[],
  ): Promise<void> {
    const keys = await this.secondaryKeys(table);
    const changes = (change: (key: string) => string): string => keys.map(change).join(', ');
    if (keys.length > 0) await this.run(`ALTER TABLE ${table} ${changes(dropped)}`);
    await this.insertAll(insert, source, values);
    // FORCE makes the whole tree anew, as full as it would be.
    const added = keys.length > 0 ? `, ${changes((key) => `ADD ${key}`)}` : '';
    await this.run(`ALTER TABLE ${table} FORCE${added}; ANALYZE TABLE ${table}`);
  }

  private async insertAll(insert: string, source: string, values: readonly string[]): Promise<void> {
    for (let from = 0; from < this.transfers; from += CHUNK_TRANSFERS) {
      const to = Math.min(from + CHUNK_TRANSFERS, this.transfers);
      const numbers = `(WITH RECURSIVE n AS (SELECT ${from + 1} AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
        SELECT i FROM n) numbers`;
      await this.run(`${insert} FROM ${numbers} ${source}`, values);
    }
  }

  private openAccounts(table: string, balance: string, openingBalance: string): Promise<void> {
    return this.run(
      `INSERT INTO account_info (account_name, account_no, account_balance, opening_balance)
       SELECT 'past', account_no, ${balance}, ${openingBalance} FROM ${table} GROUP BY account_no`,
    );
  }

  /** As ADD takes them: KEY `name` (`column`, …). */
  private async secondaryKeys(table: string): Promise<string[]> {
    const [[row]] = await this.connection.query<(RowDataPacket & { 'Create Table': string })[]>(
      `SHOW CREATE TABLE ${table}`,
    );
    return [...(row?.['Create Table'] ?? '').matchAll(/^ +(KEY .*?),?$/gm)].map(([, key]) => key ?? '');
  }

  private async run(sql: string, values: readonly string[] = []): Promise<void> {
    await this.connection.query({ sql, values: [...values], timeout: STATEMENT_DEADLINE_MS });
  }
}

function dropped(key: string): string {
  return `DROP KEY ${/`[^`]+`/.exec(key)?.[0] ?? ''}`;
}
