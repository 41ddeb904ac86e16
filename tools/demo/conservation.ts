import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';

const CONNECT_TIMEOUT_MS = 5000;
const QUERY_TIMEOUT_MS = 30_000;

/** Sums over both databases at one moment, as decimal text. */
export interface MoneyReport {
  readonly opening1: string;
  readonly opening2: string;
  readonly sent: string;
  readonly received: string;
  readonly balance1: string;
  readonly balance2: string;
  /** Sent, and neither credited nor refused yet. */
  readonly inFlight: string;
  /** Sent and refused by bank2, and not yet given back. */
  readonly refused: string;
  /** Credited for senders other than this bank1. */
  readonly fromOthers: string;
  /** One sentence for everything that does not agree; none when money is conserved. */
  readonly problems: readonly string[];
}

/** The names of the two databases; both are on one server. */
export interface BankSchemas {
  readonly bank1: string;
  readonly bank2: string;
}

/**
 * Counts all money of both banks in one snapshot of the server that holds both databases, so that transfers
 * that happen meanwhile raise no false alarm. All arithmetic is done by MySQL in DECIMAL.
 */
export async function countMoney(
  mysqlRootUrl: string,
  schemas: BankSchemas = { bank1: 'bank1', bank2: 'bank2' },
): Promise<MoneyReport> {
  const connection = await createConnection({ uri: mysqlRootUrl, connectTimeout: CONNECT_TIMEOUT_MS });
  try {
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const [sums] = await select<Omit<MoneyReport, 'problems'> & { missing: string }>(
      connection,
      sumsOf(schemas),
    );
    if (!sums) throw new Error('the sums have no row');
    const { missing, ...report } = sums;
    const problems: string[] = [];
    for (const sql of [wrongAtBank1(schemas), wrongAtBank2(schemas), disagreements(schemas)]) {
      problems.push(...(await select<{ problem: string }>(connection, sql)).map(({ problem }) => problem));
    }
    if (missing !== '0.00') problems.push(`Altogether ${missing} is missing (negative: too much).`);
    return { ...report, problems };
  } finally {
    connection.destroy();
  }
}

async function select<Row>(connection: Connection, sql: string): Promise<Row[]> {
  const [rows] = await connection.query<(Row & RowDataPacket)[]>({ sql, timeout: QUERY_TIMEOUT_MS });
  return rows;
}

/** A transfer that left an account at bank1, whether or not it has arrived. */
const SENT = "s.state IN ('DEBITED', 'COMPLETED')";
const CREDITED = "r.state = 'CREDITED'";
const SAME_CONTENTS =
  's.amount = r.amount AND s.account_no = r.account_no AND s.to_account_no = r.to_account_no';

function sumsOf({ bank1, bank2 }: BankSchemas): string {
  return `
  SELECT opening1, opening2, sent, received, balance1, balance2, in_flight AS inFlight, refused,
    from_others AS fromOthers,
    opening1 + opening2 + from_others - balance1 - balance2 - in_flight - refused AS missing
  FROM
    (SELECT COALESCE(SUM(opening_balance), 0.00) AS opening1, COALESCE(SUM(account_balance), 0.00) AS balance1
      FROM ${bank1}.account_info) accounts1,
    (SELECT COALESCE(SUM(opening_balance), 0.00) AS opening2, COALESCE(SUM(account_balance), 0.00) AS balance2
      FROM ${bank2}.account_info) accounts2,
    (SELECT COALESCE(SUM(s.amount), 0.00) AS sent,
        COALESCE(SUM(IF(r.tx_no IS NULL, s.amount, 0.00)), 0.00) AS in_flight,
        COALESCE(SUM(IF(r.state = 'REJECTED', s.amount, 0.00)), 0.00) AS refused
      FROM ${bank1}.outgoing_transfer s LEFT JOIN ${bank2}.incoming_transfer r ON r.tx_no = s.tx_no
      WHERE ${SENT}) outgoing,
    (SELECT COALESCE(SUM(r.amount), 0.00) AS received,
        COALESCE(SUM(IF(s.tx_no IS NULL, r.amount, 0.00)), 0.00) AS from_others
      FROM ${bank2}.incoming_transfer r
      LEFT JOIN ${bank1}.outgoing_transfer s ON s.tx_no = r.tx_no AND ${SENT}
      WHERE ${CREDITED}) incoming`;
}

function wrongAtBank1({ bank1 }: BankSchemas): string {
  const due = 'a.opening_balance - COALESCE(SUM(s.amount), 0.00)';
  const transfers = `${bank1}.outgoing_transfer s ON s.account_no = a.account_no AND ${SENT}`;
  return wrongAccounts('bank1', bank1, due, transfers);
}

function wrongAtBank2({ bank2 }: BankSchemas): string {
  const due = 'a.opening_balance + COALESCE(SUM(r.amount), 0.00)';
  const transfers = `${bank2}.incoming_transfer r ON r.to_account_no = a.account_no AND ${CREDITED}`;
  return wrongAccounts('bank2', bank2, due, transfers);
}

function wrongAccounts(bank: string, schema: string, due: string, transfersOfAccount: string): string {
  return `
  SELECT CONCAT('Account ', account_no, ' at ${bank} has ', present, ' and should have ', due, '.') AS problem
  FROM (SELECT a.account_no, a.account_balance AS present, ${due} AS due
    FROM ${schema}.account_info a LEFT JOIN ${transfersOfAccount} GROUP BY a.id) account
  WHERE present <> due`;
}

/** A refunded transfer may face a stranger's credit under its txNo; any other difference is a fault. */
function disagreements({ bank1, bank2 }: BankSchemas): string {
  return `
  SELECT CONCAT('Transfer ', s.tx_no, ' is ', s.state, ' with ', s.amount, ' at bank1 and ', r.state, ' with ',
    r.amount, ' at bank2.') AS problem
  FROM ${bank1}.outgoing_transfer s JOIN ${bank2}.incoming_transfer r ON r.tx_no = s.tx_no
  WHERE (${SENT} AND NOT (${SAME_CONTENTS})) OR (s.state = 'COMPLETED' AND r.state = 'REJECTED')
    OR (s.state = 'REFUNDED' AND ${CREDITED} AND ${SAME_CONTENTS})`;
}
