import { toAmount, toCents } from '@txmsg/contracts';
import { IDENTIFIER, valuesTable } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import {
  BALANCE_MAX,
  credit,
  debit,
  refund,
  type CreditOutcome,
  type DebitOutcome,
} from './account-ledger.js';
import type { AccountStatus } from './account.entity.js';

/** A debit or credit of one transfer. */
export interface AccountChange {
  readonly accountNo: string;
  readonly amount: string;
}

/** An account as it is locked, with the changes that were decided so far. In cents. */
interface LockedAccount {
  readonly status: AccountStatus;
  readonly before: bigint;
  balance: bigint;
}

/**
 * Debits in one transaction, each decided by itself in the order of `changes`, with one lock and one UPDATE for each
 * account: what it costs hardly depends on how many transfers meet at one account.
 * @returns one outcome for each change, in their order; any other than DONE has changed nothing
 */
export function debitAll(manager: EntityManager, changes: readonly AccountChange[]): Promise<DebitOutcome[]> {
  return changeAll(manager, changes, debit, decideDebit);
}

/** Credits in one transaction, otherwise as `debitAll`. */
export function creditAll(
  manager: EntityManager,
  changes: readonly AccountChange[],
): Promise<CreditOutcome[]> {
  return changeAll(manager, changes, credit, decideCredit);
}

/**
 * Gives amounts back, whatever the accounts' status; otherwise as `creditAll`.
 * @throws Error when an account is gone, which a debit before makes impossible
 */
export async function refundAll(manager: EntityManager, changes: readonly AccountChange[]): Promise<void> {
  await changeAll(manager, changes, refund, (account, amount, accountNo) => {
    if (account === undefined) {
      throw new Error(`account "${accountNo}" is gone; ${toAmount(amount)} cannot be given back`);
    }
    account.balance += amount;
  });
}

/** One change alone is a single guarded UPDATE; several are decided in memory, on locked rows. */
async function changeAll<Outcome>(
  manager: EntityManager,
  changes: readonly AccountChange[],
  changeOne: (manager: EntityManager, accountNo: string, amount: string) => Promise<Outcome>,
  decide: (account: LockedAccount | undefined, amount: bigint, accountNo: string) => Outcome,
): Promise<Outcome[]> {
  const [alone] = changes;
  if (alone === undefined) return [];
  if (changes.length === 1) return [await changeOne(manager, alone.accountNo, alone.amount)];
  const accounts = await lockAccounts(manager, changes);
  const outcomes = changes.map(({ accountNo, amount }) =>
    decide(accounts.get(accountNo), toCents(amount), accountNo),
  );
  await storeBalances(manager, accounts);
  return outcomes;
}

function decideDebit(account: LockedAccount | undefined, amount: bigint): DebitOutcome {
  if (account === undefined) return 'NO_SUCH_ACCOUNT';
  if (account.status !== 'ACTIVE') return 'ACCOUNT_FROZEN';
  if (account.balance < amount) return 'INSUFFICIENT_BALANCE';
  account.balance -= amount;
  return 'DONE';
}

function decideCredit(account: LockedAccount | undefined, amount: bigint): CreditOutcome {
  if (account === undefined) return 'NO_SUCH_ACCOUNT';
  if (account.status !== 'ACTIVE') return 'ACCOUNT_FROZEN';
  if (account.balance + amount > toCents(BALANCE_MAX)) return 'BALANCE_OVERFLOW';
  account.balance += amount;
  return 'DONE';
}

/** In the order of their numbers, so that two batches never wait for each other crosswise. */
async function lockAccounts(
  manager: EntityManager,
  changes: readonly AccountChange[],
): Promise<Map<string, LockedAccount>> {
  const numbers = [...new Set(changes.map(({ accountNo }) => accountNo))].sort();
  const rows = await manager.query<{ account_no: string; account_balance: string; status: AccountStatus }[]>(
    `SELECT account.account_no, account.account_balance, account.status
     FROM ${valuesTable('wanted', { account_no: IDENTIFIER }, numbers.length)}
     STRAIGHT_JOIN account_info account FORCE INDEX (account_no) USING (account_no) FOR UPDATE`,
    numbers,
  );
  return new Map(
    rows.map(({ account_no, account_balance, status }) => {
      const before = toCents(account_balance);
      return [account_no, { status, before, balance: before }];
    }),
  );
}

/** The rows are locked, so what was decided on still holds; MySQL adds up, and checks that no balance is negative. */
async function storeBalances(
  manager: EntityManager,
  accounts: ReadonlyMap<string, LockedAccount>,
): Promise<void> {
  const changed = [...accounts].filter(([, { before, balance }]) => before !== balance);
  if (changed.length === 0) return;
  const { affectedRows } = await manager.query<{ affectedRows: number }>(
    `UPDATE ${valuesTable('difference', { account_no: IDENTIFIER, amount: 'CAST(? AS DECIMAL(21,2))' }, changed.length)}
     STRAIGHT_JOIN account_info account FORCE INDEX (account_no) USING (account_no)
     SET account.account_balance = account.account_balance + difference.amount`,
    changed.flatMap(([accountNo, { before, balance }]) => [accountNo, toAmount(balance - before)]),
  );
  if (affectedRows !== changed.length) {
    throw new Error(`${String(affectedRows)} of ${changed.length} locked accounts were changed`);
  }
}
