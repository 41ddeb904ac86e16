import { setTimeout as delay } from 'node:timers/promises';
import { postJson } from '../../../e2e/kit/http.js';
import type { BankSide } from '../transfer/bank-side.js';
import type { BenchWorld } from '../transfer/bench-world.js';
import { spreadOf } from '../transfer/figures.js';
import { accountNo, AMOUNT } from '../transfer/side.js';
import { TransferBooks } from '../transfer/transfer-books.js';

/** How a call was answered. */
interface Answered {
  readonly status: number;
  readonly tookMs: number;
}

/** The transfer whose payee is slow, and another one of the same payer to somebody else. */
export interface LongBranch {
  readonly slow: Answered;
  readonly other: Answered;
}

/** Below and beyond the time for which AT asks again for a row, and MySQL's wait for a row in these services, 2 s. */
export const PAYEE_WORKS_MS = [1900, 6000] as const;
const OTHER_COMES_AFTER_MS = 200;

/**
 * What another transfer of the same payer notices while the payee's part of the first one takes long: its account's row is
 * locked by somebody else for so long. The side runs, and is warm.
 */
export async function longBranch(world: BenchWorld, side: BankSide, worksMs: number): Promise<LongBranch> {
  const books = new TransferBooks(world.pool, side);
  const before = await books.read();
  const holder = await world.connect();
  try {
    await holder.beginTransaction();
    await holder.query(`SELECT 1 FROM ${side.schema.bank2}.account_info WHERE account_no = ? FOR UPDATE`, [
      accountNo(0),
    ]);
    const released = delay(worksMs).then(() => holder.rollback());
    const first = timed(side, accountNo(0));
    await delay(OTHER_COMES_AFTER_MS);
    const [slow, other] = await Promise.all([first, timed(side, accountNo(1)), released]);
    await books.untilEnded(before, [slow, other].filter(({ status }) => status === 201).length);
    return { slow, other };
  } finally {
    await holder.end();
  }
}

async function timed({ transfersUrl }: BankSide, toAccountNo: string): Promise<Answered> {
  const began = performance.now();
  const order = { accountNo: accountNo(0), toAccountNo, amount: AMOUNT };
  const { status } = await postJson(transfersUrl, JSON.stringify(order));
  return { status, tookMs: performance.now() - began };
}

/** One line for each of the two transfers: how often which status, and after how long. */
export function longBranchLines(side: string, worksMs: number, runs: readonly LongBranch[]): string[] {
  const line = (what: string, answers: readonly Answered[]): string => {
    const { min, median, max } = spreadOf(answers.map(({ tookMs }) => tookMs));
    const statuses = [...new Set(answers.map(({ status }) => status))].map(
      (status) => `${answers.filter((answer) => answer.status === status).length} × ${status}`,
    );
    const ms = [median, min, max].map((value) => value.toFixed(0));
    return `${side.padEnd(10)}${what.padEnd(28)}${ms[0]} ms (${ms[1]}–${ms[2]}), ${statuses.join(', ')}`;
  };
  return [
    line(
      `${worksMs} ms: the slow one`,
      runs.map(({ slow }) => slow),
    ),
    line(
      `${worksMs} ms: another one`,
      runs.map(({ other }) => other),
    ),
  ];
}
