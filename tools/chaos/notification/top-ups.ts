import { auditOneServer } from '@txmsg/bank/audit';
import { call, postJson } from '../../../e2e/kit/http.js';
import { problemsOf } from '../sampler.js';
import type { Sent } from '../calls.js';
import type { Databases } from '../databases.js';
import type { Random } from '../random.js';
import type { Figure, OneOf, Violation } from '../workload.js';
import {
  FROZEN,
  judgeTopUps,
  UNKNOWN,
  type PaymentRow,
  type SentTopUp,
  type TopUpRow,
} from './top-up-verdict.js';

const CALL_DEADLINE_MS = 15_000;
const AUDIT_DEADLINE_MS = 60_000;
const ACCOUNTS = Array.from({ length: 8 }, (_, index) => `topup-${index}`);
/** Above what pay lets succeed (PAY_AMOUNT_MAX). */
const TOO_MUCH = '50000.01';

/** Payments at pay, which bank1 hears of by message, by asking, or both. */
export class TopUps {
  constructor(
    private readonly databases: Databases,
    private readonly random: Random,
    private readonly oneOf: OneOf,
    private readonly mysqlRootUrl: string,
  ) {}

  async prepare(): Promise<void> {
    const row = (accountNo: string, status: string): string[] => ['chaos', accountNo, '0.00', '0.00', status];
    await this.databases.query(
      `INSERT INTO bank1.account_info (account_name, account_no, account_balance, opening_balance, status) VALUES ?`,
      [[...ACCOUNTS.map((accountNo) => row(accountNo, 'ACTIVE')), row(FROZEN, 'FROZEN')]],
    );
  }

  next(sent: Sent): SentTopUp {
    const { random } = this;
    const isPaid = !random.chance(0.03);
    const kind = random.weighted([
      { weight: 90, accountNo: random.oneOf(ACCOUNTS) },
      { weight: 5, accountNo: FROZEN },
      { weight: 5, accountNo: UNKNOWN },
    ]);
    const amount = `${random.whole(0, 99)}.${String(random.whole(1, 99)).padStart(2, '0')}`;
    return {
      ...sent,
      kind: 'TOP_UP',
      isPaid,
      accountNo: isPaid ? kind.accountNo : random.oneOf(ACCOUNTS),
      amount: random.chance(0.05) ? TOO_MUCH : amount,
      expected: isPaid ? random.oneOf(['BEFORE', 'AFTER', 'NO', 'NO'] as const) : 'BEFORE',
      byClassicGet: random.chance(0.25),
      isAsked: random.chance(0.3),
      wasToldExpected: false,
      wasToldCredited: false,
    };
  }

  call(one: SentTopUp): Promise<number> | undefined {
    const payUrl = this.oneOf('pay');
    if (payUrl === undefined) return undefined;
    return one.isPaid ? this.payAndTell(payUrl, one) : this.promise(one);
  }

  private async promise(one: SentTopUp): Promise<number> {
    return (await this.expect(one)) ?? 503;
  }

  private async payAndTell(payUrl: string, one: SentTopUp): Promise<number> {
    const telling = (when: SentTopUp['expected']): Promise<unknown> =>
      one.expected === when ? this.expect(one).catch(() => undefined) : Promise.resolve();
    await telling('BEFORE');
    const status = await this.pay(payUrl, one);
    await telling('AFTER');
    if (one.isAsked) await this.ask(one).catch(() => undefined);
    return status;
  }

  private async pay(url: string, { txNo, accountNo, amount, byClassicGet }: SentTopUp): Promise<number> {
    if (byClassicGet) {
      const query = new URLSearchParams({ accountNo, payAmount: amount, txNo });
      return (await call(`${url}/paydo?${query.toString()}`, {}, CALL_DEADLINE_MS)).status;
    }
    const headers = { 'idempotency-key': txNo };
    const body = JSON.stringify({ accountNo, amount });
    return (await postJson(`${url}/topups`, body, headers, CALL_DEADLINE_MS)).status;
  }

  /** Registers it at bank1. Resolves with nothing when bank1 does not run. */
  private async expect(one: SentTopUp): Promise<number | undefined> {
    const url = this.oneOf('bank1');
    if (url === undefined) return undefined;
    const { txNo, accountNo, amount } = one;
    const body = JSON.stringify({ txNo, accountNo, amount });
    const { status } = await postJson(`${url}/topups`, body, {}, CALL_DEADLINE_MS);
    one.wasToldExpected ||= status === 200 || status === 201;
    return status;
  }

  private async ask(one: SentTopUp): Promise<void> {
    const url = this.oneOf('bank1');
    if (url === undefined) return;
    const { status, body } = await call(`${url}/payresult/${one.txNo}`, {}, CALL_DEADLINE_MS);
    one.wasToldCredited ||= status === 200 && body?.state === 'CREDITED';
  }

  /** Payments whose money has not arrived, and top-ups of which bank1 still waits to hear. */
  async open(): Promise<number> {
    const [row] = await this.databases.query<{ n: string }>(
      `SELECT (SELECT COUNT(*) FROM bank1.top_up WHERE state = 'EXPECTED') + (
         SELECT COUNT(*) FROM bank1_pay.account_pay p JOIN bank1.account_info a ON a.account_no = p.account_no
         LEFT JOIN bank1.top_up t ON t.tx_no = p.id
         WHERE p.result = 'success' AND COALESCE(t.state, '') NOT IN ('CREDITED', 'REFUSED')
       ) AS n`,
    );
    return Number(row?.n);
  }

  async judge(sent: readonly SentTopUp[]): Promise<Violation[]> {
    const report = await auditOneServer(this.mysqlRootUrl, undefined, { queryTimeoutMs: AUDIT_DEADLINE_MS });
    const { contradicted } = report.topUps;
    return [
      ...judgeTopUps(sent, await this.payments(), await this.rows()),
      ...(await this.wrongBalances()),
      ...problemsOf(report).map((what) => ({ what })),
      ...(contradicted.count === 0
        ? []
        : [{ what: `what was said contradicts ${JSON.stringify(contradicted)}` }]),
    ];
  }

  async ends(): Promise<Figure[]> {
    const rows = await this.rows();
    const payments = await this.payments();
    const inState = (wanted: string): number => rows.filter(({ state }) => state === wanted).length;
    return [
      ['  payments: successful, failed', countsOf(payments)],
      ['  top-ups credited', inState('CREDITED')],
      ['  top-ups failed', inState('FAILED')],
      ['  top-ups refused: frozen account', inState('REFUSED')],
      ['  top-ups promised and never paid', inState('GIVEN_UP')],
    ];
  }

  payments(): Promise<PaymentRow[]> {
    return this.databases.query(
      'SELECT id AS txNo, account_no AS accountNo, CAST(pay_amount AS CHAR) AS amount, result FROM bank1_pay.account_pay',
    );
  }

  /** Of pay. */
  async rowsAbout(txNo: string): Promise<string[]> {
    const rows = await this.databases.query<object>('SELECT * FROM bank1_pay.account_pay WHERE id = ?', [
      txNo,
    ]);
    return rows.map((row) => `bank1_pay.account_pay ${JSON.stringify(row)}`);
  }

  private rows(): Promise<TopUpRow[]> {
    return this.databases.query(
      'SELECT tx_no AS txNo, account_no AS accountNo, CAST(amount AS CHAR) AS amount, state FROM bank1.top_up',
    );
  }

  /** Against pay's own books, without bank1's: money that came twice, or not at all. */
  private async wrongBalances(): Promise<Violation[]> {
    const rows = await this.databases.query<{ accountNo: string; balance: string; paid: string }>(
      `SELECT a.account_no AS accountNo, CAST(a.account_balance AS CHAR) AS balance,
         CAST(IF(a.status = 'FROZEN', 0.00, COALESCE(SUM(p.pay_amount), 0.00)) AS CHAR) AS paid
       FROM bank1.account_info a
       LEFT JOIN bank1_pay.account_pay p ON p.account_no = a.account_no AND p.result = 'success'
       WHERE a.account_no LIKE 'topup-%' GROUP BY a.account_no, a.account_balance, a.status
       HAVING CAST(balance AS DECIMAL(19,2)) <> CAST(paid AS DECIMAL(19,2))`,
    );
    return rows.map(({ accountNo, balance, paid }) => ({
      what: `${accountNo} holds ${balance}, and ${paid} was paid for it`,
    }));
  }
}

function countsOf(payments: readonly PaymentRow[]): string {
  const successful = payments.filter(({ result }) => result === 'success').length;
  return `${successful}, ${payments.length - successful}`;
}
