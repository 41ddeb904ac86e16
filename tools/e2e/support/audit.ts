/** Where the money of both banks is, in decimal strings. */
export interface Audit {
  /** Opening balances less balances less money in flight; anything but 0.00 appeared or disappeared. */
  readonly missing: string;
  /** Debited at bank1 and not credited at bank2: on its way, or refused there. */
  readonly inFlight: string;
  /** Credited for transfers that bank1 knows nothing of, as messages of foreign senders are. */
  readonly foreign: string;
  /** One line for every account or transfer about which the tables disagree. */
  readonly disagreements: readonly string[];
}

/** The audit in SQL: money is added up in DECIMAL, never in JavaScript. */
export function auditQueries(bank1: string, bank2: string): { sums: string; disagreements: string } {
  const sum = (what: string, from: string): string => `(SELECT COALESCE(SUM(${what}), 0.00) FROM ${from})`;
  const inFlight = sum(
    'o.amount',
    `${bank1}.outgoing_transfer o LEFT JOIN ${bank2}.incoming_transfer i
       ON i.tx_no = o.tx_no AND i.state = 'CREDITED' WHERE o.state <> 'REFUNDED' AND i.tx_no IS NULL`,
  );
  const foreign = sum(
    'i.amount',
    `${bank2}.incoming_transfer i LEFT JOIN ${bank1}.outgoing_transfer o
       ON o.tx_no = i.tx_no AND o.state <> 'REFUNDED' WHERE i.state = 'CREDITED' AND o.tx_no IS NULL`,
  );
  const held = (bank: string): string => sum('opening_balance - account_balance', `${bank}.account_info`);
  const sent = `SELECT SUM(amount) FROM ${bank1}.outgoing_transfer o
    WHERE o.account_no = a.account_no AND o.state <> 'REFUNDED'`;
  const received = `SELECT SUM(amount) FROM ${bank2}.incoming_transfer i
    WHERE i.to_account_no = a.account_no AND i.state = 'CREDITED'`;
  return {
    sums: `SELECT ${held(bank1)} + ${held(bank2)} - ${inFlight} + ${foreign} AS missing,
      ${inFlight} AS inFlight, ${foreign} AS \`foreign\``,
    disagreements: `
      SELECT CONCAT('bank1 account ', a.account_no, ': balance ', a.account_balance) AS what
        FROM ${bank1}.account_info a WHERE a.account_balance <> a.opening_balance - COALESCE((${sent}), 0)
      UNION ALL
      SELECT CONCAT('bank2 account ', a.account_no, ': balance ', a.account_balance)
        FROM ${bank2}.account_info a WHERE a.account_balance <> a.opening_balance + COALESCE((${received}), 0)
      UNION ALL
      SELECT CONCAT('transfer ', o.tx_no, ': ', o.amount, ' left, ', i.amount, ' arrived')
        FROM ${bank1}.outgoing_transfer o JOIN ${bank2}.incoming_transfer i ON i.tx_no = o.tx_no
        WHERE (o.account_no, o.to_account_no, o.amount) <> (i.account_no, i.to_account_no, i.amount)
          AND o.state <> 'REFUNDED'`,
  };
}
