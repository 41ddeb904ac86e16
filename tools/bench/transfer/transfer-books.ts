import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { StackError } from '../../stack/stack-error.js';
import { AMOUNT, type Side } from './side.js';

/** Counted in transfers, from what the accounts hold: cheap, however many transfers there have been. */
export interface Books {
  readonly debited: number;
  readonly credited: number;
  /** Without a result so far, or with something left to be undone. */
  readonly open: number;
}

const DRAIN_DEADLINE_MS = 120_000;
const POLL_MS = 100;

/** What a side's databases say about its transfers as a whole. */
export class TransferBooks {
  constructor(
    private readonly pool: Pool,
    private readonly side: Side,
  ) {}

  async read(): Promise<Books> {
    const { bank1, bank2, open = 'SELECT 0' } = this.side.schema;
    const [[row]] = await this.pool.query<
      (RowDataPacket & { open: number; money1: string; money2: string })[]
    >(
      `SELECT (${open}) AS open,
              (SELECT CAST(SUM(account_balance) AS CHAR) FROM ${bank1}.account_info) AS money1,
              (SELECT CAST(SUM(account_balance) AS CHAR) FROM ${bank2}.account_info) AS money2`,
    );
    if (row === undefined) throw new Error('no row of a query without a table');
    return { open: row.open, debited: -transfersWorth(row.money1), credited: transfersWorth(row.money2) };
  }

  /**
   * Waits until everything that was accepted is credited, and its result is back where results are carried.
   * @throws StackError when that takes longer than two minutes
   */
  async untilEnded(before: Books, accepted: number): Promise<void> {
    const endsAt = Date.now() + DRAIN_DEADLINE_MS;
    for (;;) {
      const now = await this.read();
      const debits = now.debited - before.debited;
      const credits = now.credited - before.credited;
      if (debits >= accepted && credits === debits && now.open === 0) return;
      if (Date.now() > endsAt) {
        throw new StackError(
          `${this.side.name}: of ${accepted} transfers ${debits} were debited and ${credits} credited, and ` +
            `${now.open} had not ended after ${DRAIN_DEADLINE_MS} ms.`,
        );
      }
      await delay(POLL_MS);
    }
  }

  /** Debited and credited, of all times. Reads both tables as a whole. */
  async transfersInTables(): Promise<number> {
    const { bank1, bank2, debited, credited } = this.side.schema;
    const [[row]] = await this.pool.query<(RowDataPacket & { count: number })[]>(
      `SELECT COUNT(*) AS count FROM ${bank1}.${debited} d JOIN ${bank2}.${credited} c ON c.tx_no = d.tx_no`,
    );
    return row?.count ?? NaN;
  }

  /**
   * Holds the accounts against the transfers in the tables.
   * @throws StackError when money came or went
   */
  assertConserved(before: Books, after: Books, transfersInTables: number): void {
    const debited = after.debited - before.debited;
    const credited = after.credited - before.credited;
    if (debited === credited && credited === transfersInTables) return;
    throw new StackError(
      `${this.side.name}: money came or went: ${debited} transfers' worth was debited, ` +
        `${credited} transfers' worth credited, and ${transfersInTables} transfers stand in the tables.`,
    );
  }
}

/** @throws StackError when the sum is not made of whole transfers */
function transfersWorth(money: string): number {
  const cents = BigInt(money.replace('.', ''));
  const each = BigInt(AMOUNT.replace('.', ''));
  if (cents % each !== 0n)
    throw new StackError(`${money} is not made of transfers of ${AMOUNT}: money came or went.`);
  return Number(cents / each);
}
