import { LIST_MAX } from './audit.js';
import type { SnapshotConnection } from './snapshot-connection.js';

/** What an account holds, or should: decimal text. */
export interface Holding {
  readonly balance: string;
  readonly reserved: string;
}

/** An account that does not follow from its opening balance and what was done about it. */
export interface WrongHolding {
  readonly accountNo: string;
  /** Null when something was done about an account that does not exist. */
  readonly present: Holding | null;
  readonly due: Holding;
}

/** Sums over every account of a bank that also reserves money, and the accounts that are wrong. */
export interface ReservedAccountsReading extends Holding {
  readonly opening: string;
  readonly wrongCount: number;
  /** The first of them, in the order of their numbers. */
  readonly wrong: readonly WrongHolding[];
}

interface WrongRow {
  readonly accountNo: string;
  readonly balance: string | null;
  readonly reserved: string | null;
  readonly balanceDue: string;
  readonly reservedDue: string;
  readonly total: string | number;
}

/**
 * Reads every account, in the connection's snapshot. All arithmetic is MySQL's, in DECIMAL.
 *
 * @param effects - SQL, a constant of the code: by how much each thing that was done has changed an account, as rows of
 *   `account_no`, `balance` and `reserved`
 * @throws AuditUnreadableError
 */
export async function readReservedAccounts(
  connection: Pick<SnapshotConnection, 'query'>,
  effects: string,
  listMax = LIST_MAX,
): Promise<ReservedAccountsReading> {
  const [sums] = await connection.query<Holding & { readonly opening: string }>(
    `SELECT COALESCE(SUM(opening_balance), 0.00) AS opening, COALESCE(SUM(account_balance), 0.00) AS balance,
       COALESCE(SUM(reserved), 0.00) AS reserved FROM account_info`,
  );
  const wrong = await connection.query<WrongRow>(wrongAccounts(effects, listMax));
  return {
    opening: sums?.opening ?? '0.00',
    balance: sums?.balance ?? '0.00',
    reserved: sums?.reserved ?? '0.00',
    wrongCount: Number(wrong[0]?.total ?? 0),
    wrong: wrong.map(({ accountNo, balance, reserved, balanceDue, reservedDue }) => ({
      accountNo,
      present: balance === null || reserved === null ? null : { balance, reserved },
      due: { balance: balanceDue, reserved: reservedDue },
    })),
  };
}

function wrongAccounts(effects: string, listMax: number): string {
  return `
    WITH effect AS (
      SELECT account_no, SUM(balance) AS balance, SUM(reserved) AS reserved FROM (${effects}) each_one GROUP BY account_no
    ), account AS (
      SELECT a.account_no, a.account_balance AS balance, a.reserved,
        a.opening_balance + COALESCE(effect.balance, 0.00) AS balance_due, COALESCE(effect.reserved, 0.00) AS reserved_due
      FROM account_info a LEFT JOIN effect ON effect.account_no = a.account_no
      UNION ALL
      SELECT effect.account_no, NULL, NULL, effect.balance, effect.reserved
      FROM effect LEFT JOIN account_info a ON a.account_no = effect.account_no
      WHERE a.id IS NULL AND (effect.balance <> 0 OR effect.reserved <> 0)
    )
    SELECT account_no AS accountNo, balance, reserved, balance_due AS balanceDue, reserved_due AS reservedDue,
      COUNT(*) OVER () AS total
    FROM account WHERE balance IS NULL OR balance <> balance_due OR reserved <> reserved_due
    ORDER BY account_no LIMIT ${listMax}`;
}
