import { postJson, call } from '../../../e2e/kit/http.js';
import { register } from '../../../e2e/kit/registration-load.js';
import { untruthsTold, type Sent } from '../calls.js';
import type { Databases } from '../databases.js';
import type { Random } from '../random.js';
import type { Figure, OneOf, Violation } from '../workload.js';

export interface SentOpening extends Sent {
  readonly kind: 'OPENING';
  /** Whether the user has had an account opened elsewhere before, so that custody refuses. */
  readonly hasAccount: boolean;
}

/** A request as user and custody have it; null where one of them has none. */
interface RequestRow {
  readonly txNo: string | null;
  readonly requestNo: string;
  readonly state: string | null;
  readonly status: string | null;
  readonly accountNo: string | null;
  readonly custodyAccountNo: string | null;
}

const CALL_DEADLINE_MS = 15_000;
/** Requests that reach custody without user: another centre's. */
const FOREIGN = 'elsewhere-';

/** Accounts at the custody bank, requested through user, which hears by webhook, by asking, or both. */
export class Openings {
  constructor(
    private readonly databases: Databases,
    private readonly random: Random,
    private readonly oneOf: OneOf,
  ) {}

  next(sent: Sent): SentOpening {
    return { ...sent, kind: 'OPENING', hasAccount: this.random.chance(0.15) };
  }

  call(one: SentOpening): Promise<number> | undefined {
    const url = this.oneOf('user');
    return url === undefined ? undefined : this.request(url, one);
  }

  private async request(url: string, { txNo, hasAccount }: SentOpening): Promise<number> {
    const registration = await register({ url }, { txNo, name: txNo }, CALL_DEADLINE_MS);
    const userId = registration.body?.userId;
    if (typeof userId !== 'string') return registration.status;
    if (hasAccount) await this.openElsewhere(txNo, userId).catch(() => undefined);
    const path = `${url}/users/${userId}/custody-account`;
    const { status, body } = await call(path, { method: 'POST' }, CALL_DEADLINE_MS);
    // 202 with a number says that the request is stored; custody decides later. Without one nobody knows.
    return status === 202 && typeof body?.requestNo === 'string' ? 201 : status;
  }

  private async openElsewhere(txNo: string, userId: string): Promise<void> {
    const url = this.oneOf('custody');
    if (url === undefined) return;
    const body = JSON.stringify({ requestNo: `${FOREIGN}${txNo}`, userId, name: txNo });
    await postJson(`${url}/accounts`, body, {}, CALL_DEADLINE_MS);
  }

  /** Requests that have not ended, at either of them. */
  async open(): Promise<number> {
    const [row] = await this.databases.query<{ n: string }>(
      `SELECT (SELECT COUNT(*) FROM tx_user.custody_request WHERE state IN ('NEW', 'REQUESTED'))
         + (SELECT COUNT(*) FROM tx_custody.custody_request WHERE status = 'PROCESSING') AS n`,
    );
    return Number(row?.n);
  }

  async judge(sent: readonly SentOpening[]): Promise<Violation[]> {
    const rows = await this.rows();
    const requested = new Set(rows.flatMap(({ txNo }) => txNo ?? []));
    return [
      ...untruthsTold(sent, ({ txNo }) => requested.has(txNo)),
      ...rows.filter((row) => !isAgreed(row)).map(aboutRequest),
      ...(await this.wrongAccounts()),
    ];
  }

  async ends(): Promise<Figure[]> {
    const rows = await this.rows();
    const inState = (wanted: string): number => rows.filter(({ state }) => state === wanted).length;
    return [
      ['  accounts at custody opened', inState('OPENED')],
      ['  accounts at custody refused', inState('REFUSED')],
    ];
  }

  /** Every request that either has, but those that never went through user. */
  private rows(): Promise<RequestRow[]> {
    const columns = `i.tx_no AS txNo, COALESCE(u.request_no, c.request_no) AS requestNo, u.state, c.status,
      u.custody_account_no AS accountNo, c.custody_account_no AS custodyAccountNo`;
    const users = 'LEFT JOIN tx_user.user_info i ON i.user_id = COALESCE(u.user_id, c.user_id)';
    const on = 'c.request_no = u.request_no AND c.user_id = u.user_id';
    return this.databases.query(
      `SELECT ${columns} FROM tx_user.custody_request u LEFT JOIN tx_custody.custody_request c ON ${on} ${users}
       UNION ALL
       SELECT ${columns} FROM tx_custody.custody_request c LEFT JOIN tx_user.custody_request u ON ${on} ${users}
       WHERE u.request_no IS NULL AND c.request_no NOT LIKE '${FOREIGN}%'`,
    );
  }

  /** One account for each user, by the request that says OPENED; and user has one request at a time, until it is refused. */
  private async wrongAccounts(): Promise<Violation[]> {
    const rows = await this.databases.query<{ what: string }>(
      `SELECT CONCAT('request ', c.request_no, ' is ', c.status, ', and its account is ', COALESCE(a.custody_account_no, 'none')) AS what
       FROM tx_custody.custody_request c LEFT JOIN tx_custody.custody_account a ON a.request_no = c.request_no
       WHERE (c.status = 'OPENED') <> (a.request_no IS NOT NULL)
         OR NOT (a.custody_account_no <=> c.custody_account_no)
       UNION ALL
       SELECT CONCAT('user ', a.user_id, ' has the requests ', a.request_no, ' and ', b.request_no, ' at the same time')
       FROM tx_user.custody_request a JOIN tx_user.custody_request b ON b.user_id = a.user_id
         AND (a.create_time < b.create_time OR (a.create_time = b.create_time AND a.request_no < b.request_no))
       WHERE a.state <> 'REFUSED' OR a.update_time > b.create_time`,
    );
    return rows.map(({ what }) => ({ what }));
  }
}

function isAgreed({ state, status, accountNo, custodyAccountNo }: RequestRow): boolean {
  return (state === 'OPENED' || state === 'REFUSED') && state === status && accountNo === custodyAccountNo;
}

function aboutRequest({
  txNo,
  requestNo,
  state,
  status,
  accountNo,
  custodyAccountNo,
}: RequestRow): Violation {
  const what =
    `request ${requestNo} is ${state ?? 'unknown'} with account ${accountNo ?? 'none'} at user, ` +
    `and ${status ?? 'unknown'} with ${custodyAccountNo ?? 'none'} at custody`;
  return txNo === null ? { what } : { what, txNo };
}
