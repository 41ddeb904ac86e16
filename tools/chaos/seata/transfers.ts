import { SEATA_BANKS, serviceNamed } from '@txmsg/contracts';
import { openAccounts } from '../banks/accounts.js';
import { orderOf } from '../banks/orders.js';
import type { Sent } from '../calls.js';
import type { Databases } from '../databases.js';
import type { Random } from '../random.js';
import type { Figure, OneOf, Violation } from '../workload.js';
import { judgeTransfers, type CreditRow, type SentTransfer, type TransferRow } from './transfer-verdict.js';
import { askFor, newTwoPhase, outcomesOf } from './two-phase-call.js';

const [BANK1, BANK2] = SEATA_BANKS.map((name) => serviceNamed(name).database) as [string, string];

/** Transfers that both banks make or neither does, while the caller waits. */
export class Transfers {
  constructor(
    private readonly databases: Databases,
    private readonly random: Random,
    private readonly oneOf: OneOf,
  ) {}

  prepare(): Promise<void> {
    return openAccounts(this.databases, BANK1, BANK2);
  }

  next(sent: Sent): SentTransfer {
    const order = orderOf(sent.txNo, this.random);
    return { ...newTwoPhase(sent, this.random), kind: 'TRANSFER', order };
  }

  call(one: SentTransfer): Promise<number> | undefined {
    const url = this.oneOf('seata-bank1');
    if (url === undefined) return undefined;
    const { accountNo, toAccountNo, amount } = one.order;
    const request = { accountNo, toAccountNo, amount };
    return askFor(`${url}/${one.pattern.toLowerCase()}/transfers`, request, one).then(({ status }) => status);
  }

  async open(): Promise<number> {
    const [row] = await this.databases.query<{ n: string }>(
      `SELECT (SELECT COUNT(*) FROM ${BANK1}.transfer WHERE state = 'OPEN')
         + (SELECT COUNT(*) FROM ${BANK2}.credit WHERE state = 'RESERVED') AS n`,
    );
    return Number(row?.n);
  }

  async judge(sent: readonly SentTransfer[]): Promise<Violation[]> {
    return [
      ...judgeTransfers(sent, await this.rows(), await this.credits()),
      ...(await this.wrongBalances()),
      ...(await this.wrongTotal()),
    ];
  }

  async ends(): Promise<Figure[]> {
    return outcomesOf('transfers', await this.rows());
  }

  private rows(): Promise<TransferRow[]> {
    return this.databases.query(
      `SELECT tx_no AS txNo, pattern, account_no AS accountNo, to_account_no AS toAccountNo, amount, xid, state
       FROM ${BANK1}.transfer`,
    );
  }

  private credits(): Promise<CreditRow[]> {
    return this.databases.query(
      `SELECT tx_no AS txNo, pattern, account_no AS toAccountNo, amount, xid, state FROM ${BANK2}.credit`,
    );
  }

  /** Against what each bank itself has booked, without the banks' own audit. */
  private wrongBalances(): Promise<Violation[]> {
    const wrong = (bank: string, table: string, state: string, sign: '+' | '-'): string =>
      `SELECT CONCAT('account ', account_no, ' at ${bank} holds ', account_balance, ', and ', due, ' is due') AS what
       FROM (SELECT a.account_no, a.account_balance, a.opening_balance ${sign} COALESCE((SELECT SUM(t.amount)
         FROM ${bank}.${table} t WHERE t.account_no = a.account_no AND t.state = '${state}'), 0.00) AS due
         FROM ${bank}.account_info a) booked WHERE account_balance <> due`;
    const parts = [wrong(BANK1, 'transfer', 'COMMITTED', '-'), wrong(BANK2, 'credit', 'CREDITED', '+')];
    return this.databases.query(parts.join(' UNION ALL '));
  }

  /** What is reserved at bank1 was taken out of a balance; at bank2 it is only room. */
  private wrongTotal(): Promise<Violation[]> {
    return this.databases.query(
      `SELECT CONCAT('both banks hold ', held, ', and had ', opening) AS what FROM (
         SELECT SUM(held) AS held, SUM(opening_balance) AS opening FROM (
           SELECT account_balance + reserved AS held, opening_balance FROM ${BANK1}.account_info
           UNION ALL SELECT account_balance, opening_balance FROM ${BANK2}.account_info) accounts) total
       WHERE held <> opening`,
    );
  }
}
