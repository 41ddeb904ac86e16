import type { LoadTarget } from './http-load.js';

/** How the databases of a side are named and read. */
export interface SideSchema {
  readonly bank1: string;
  readonly bank2: string;
  /** Rows of `tx_no` and `create_time`: debited at bank1, credited at bank2. */
  readonly debited: string;
  readonly credited: string;
  /**
   * Rows of `tx_no` and `create_time` at bank2 with an index of the time, one of each credit: where the transfers of a
   * run are found. Without it `debited` is read as a whole, which takes its time and much of MySQL's buffer pool.
   */
  readonly recent?: string;
  /** Rows of `create_time`, `update_time` and `state` at bank1, where results are carried back. */
  readonly completed?: string;
  /** A SELECT of one number: what has not ended yet although it is debited and credited. */
  readonly open?: string;
}

/** One of two systems that do the same transfers on the same servers. */
export interface Side {
  readonly name: string;
  readonly schema: SideSchema;
  /** Topics whose messages are this side's, the broker's internal ones apart. */
  readonly topics: readonly string[];
  /** Of its banks, since their start. */
  pids(): Readonly<Record<string, number>>;
  /** @param accountNo - of payer and payee alike */
  target(accountNo: () => string): LoadTarget;
  /** Starts its banks. @returns what each took until it was ready */
  start(): Promise<readonly StartFigures[]>;
  stop(): Promise<void>;
}

export interface StartFigures {
  readonly process: string;
  readonly readyMs: number;
  readonly cpuMs: number;
}

/** Accounts of both sides, at each bank; every transfer goes from an account to its namesake. */
export const ACCOUNTS = 1000;
export const AMOUNT = '1.00';
export const OPENING_BALANCE = '1000000000.00';

export function accountNo(index: number): string {
  return `bench-${index}`;
}
