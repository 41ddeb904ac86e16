import type { DataSource } from 'typeorm';
import { payAll, receiveAll, type Payment } from '../payments.js';
import { XaBranch } from './xa-branch.js';

/** In the payer's database. A transfer that has a row is committed; one that has none is rolled back. */
export const XA_DECISION_TABLE = `CREATE TABLE IF NOT EXISTS xa_decision (
  tx_no VARCHAR(64) COLLATE utf8mb4_0900_bin PRIMARY KEY,
  create_time DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
)`;

/** Separate pools: a decision must not wait for connections that branches hold. */
export interface XaDatabases {
  readonly payer: DataSource;
  readonly payee: DataSource;
  /** The payer's database again. */
  readonly decisions: DataSource;
}

/** Called between the steps; a test stops here for good, as a crash does. */
export type XaStep = 'prepared' | 'decided';

/**
 * The same payment by MySQL's own two-phase commit: a branch in each database, both prepared, then the decision as a row,
 * then both committed. A line to compare with and no library: decisions are kept, and branches that a crash has left
 * prepared hold their rows until `recover`.
 */
export class XaTransfer {
  constructor(
    private readonly databases: XaDatabases,
    private readonly at: (step: XaStep) => Promise<void> = () => Promise.resolve(),
  ) {}

  /** @throws Error when it is rolled back; from the decision on, when a branch may be left for `recover` */
  async pay(payment: Payment): Promise<void> {
    const { txNo } = payment;
    const debit = new XaBranch(this.databases.payer.createQueryRunner(), txNo, 'debit');
    const credit = new XaBranch(this.databases.payee.createQueryRunner(), txNo, 'credit');
    try {
      await prepareBoth(payment, debit, credit);
      await this.at('prepared');
      await this.databases.decisions.query('INSERT INTO xa_decision (tx_no) VALUES (?)', [txNo]);
      await this.at('decided');
      await Promise.all([debit.commit(), credit.commit()]);
    } finally {
      await Promise.all([debit.release(), credit.release()]);
    }
  }

  /** Ends what a coordinator that is gone has left prepared. No other may be at work on this server. */
  async recover(): Promise<void> {
    const { decisions } = this.databases;
    const rows = await decisions.query<{ tx_no: string }[]>('SELECT tx_no FROM xa_decision');
    const decided = new Set(rows.map(({ tx_no }) => tx_no));
    const prepared = await decisions.query<{ gtrid_length: number; data: string }[]>('XA RECOVER');
    for (const { gtrid_length, data } of prepared) {
      const [txNo, qualifier] = [data.slice(0, gtrid_length), data.slice(gtrid_length)];
      await decisions.query(`XA ${decided.has(txNo) ? 'COMMIT' : 'ROLLBACK'} '${txNo}','${qualifier}'`);
    }
  }
}

/** The payer first, always: in another order two transfers between the same accounts would wait for each other for good. */
async function prepareBoth(payment: Payment, debit: XaBranch, credit: XaBranch): Promise<void> {
  try {
    await debit.run((manager) => payAll([payment], manager));
    await credit.run((manager) => receiveAll([payment], manager));
    await Promise.all([debit.prepare(), credit.prepare()]);
  } catch (error) {
    await Promise.allSettled([debit.rollback(), credit.rollback()]);
    throw error;
  }
}
