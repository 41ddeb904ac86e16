import { toAmount, toCents } from '@txmsg/contracts';
import { eachMust, IDENTIFIER, updateAllOrNone, valuesTable } from 'txmsg/building-blocks';
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

/** By account number, in the order of the numbers, so that two batches never wait for each other crosswise. In cents. */
type Differences = ReadonlyMap<string, bigint>;

/**
 * Debits in one transaction, each decided by itself in the order of `changes`, with one UPDATE for each account: what it
 * costs hardly depends on how many transfers meet at one account.
 * @returns one outcome for each change, in their order; any other than DONE has changed nothing
 */
export function debitAll(manager: EntityManager, changes: readonly AccountChange[]): Promise<DebitOutcome[]> {
  return changeAll<DebitOutcome>(manager, changes, -1n, debit, decideDebit);
}

/** Credits in one transaction, otherwise as `debitAll`. */
export function creditAll(
  manager: EntityManager,
  changes: readonly AccountChange[],
): Promise<CreditOutcome[]> {
  return changeAll<CreditOutcome>(manager, changes, 1n, credit, decideCredit);
}

/**
 * Gives amounts back, whatever the accounts' status; otherwise as `creditAll`.
 * @throws Error when an account is gone, which a debit before makes impossible
 */
export async function refundAll(manager: EntityManager, changes: readonly AccountChange[]): Promise<void> {
  const [alone] = changes;
  if (alone === undefined) return;
  if (changes.length === 1) {
    await refund(manager, alone.accountNo, alone.amount);
    return;
  }
  await addToBalances(manager, sumUp(changes, 1n));
}

/**
 * One change alone is a single guarded UPDATE. Several are one too, as long as none is refused: the first one that would
 * be fails the statement, which then has changed nothing, and each is decided in memory, on locked rows.
 */
async function changeAll<Outcome>(
  manager: EntityManager,
  changes: readonly AccountChange[],
  sign: bigint,
  changeOne: (manager: EntityManager, accountNo: string, amount: string) => Promise<Outcome>,
  decide: (account: LockedAccount | undefined, amount: bigint) => Outcome | 'DONE',
): Promise<(Outcome | 'DONE')[]> {
  const [alone] = changes;
  if (alone === undefined) return [];
  if (changes.length === 1) return [await changeOne(manager, alone.accountNo, alone.amount)];
  const differences = sumUp(changes, sign);
  if (await changeUnlessRefused(manager, differences)) return changes.map(() => 'DONE');
  const accounts = await lockAccounts(manager, [...differences.keys()]);
  const outcomes = changes.map(({ accountNo, amount }) => decide(accounts.get(accountNo), toCents(amount)));
  const decided = [...accounts].map(
    ([accountNo, { before, balance }]) => [accountNo, balance - before] as const,
  );
  await addToBalances(manager, new Map(decided.filter(([, difference]) => difference !== 0n)));
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

function sumUp(changes: readonly AccountChange[], sign: bigint): Differences {
  const sums = new Map<string, bigint>();
  for (const { accountNo, amount } of changes) {
    sums.set(accountNo, (sums.get(accountNo) ?? 0n) + sign * toCents(amount));
  }
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** False when any of it is refused; then nothing was changed. */
function changeUnlessRefused(manager: EntityManager, differences: Differences): Promise<boolean> {
  const balance = 'account.account_balance + difference.amount';
  const isAllowed = `account.status = 'ACTIVE' AND ${balance} BETWEEN 0 AND ${BALANCE_MAX}`;
  return updateAllOrNone(
    manager,
    `UPDATE ${differencesTable(differences)}
     LEFT JOIN account_info account FORCE INDEX (account_no) ON account.account_no = difference.account_no
     SET account.account_balance = ${balance} WHERE ${eachMust(isAllowed, 'account.status')}`,
    parametersOf(differences),
    differences.size,
  );
}

async function lockAccounts(
  manager: EntityManager,
  numbers: readonly string[],
): Promise<Map<string, LockedAccount>> {
  const rows = await manager.query<{ account_no: string; account_balance: string; status: AccountStatus }[]>(
    `SELECT account.account_no, account.account_balance, account.status
     FROM ${valuesTable('wanted', { account_no: IDENTIFIER }, numbers.length)}
     STRAIGHT_JOIN account_info account FORCE INDEX (account_no) USING (account_no) FOR UPDATE`,
    [...numbers],
  );
  return new Map(
    rows.map(({ account_no, account_balance, status }) => {
      const before = toCents(account_balance);
      return [account_no, { status, before, balance: before }];
    }),
  );
}

/** MySQL adds up, and checks that no balance is negative. @throws Error when one of the accounts is not there */
async function addToBalances(manager: EntityManager, differences: Differences): Promise<void> {
  if (differences.size === 0) return;
  const { affectedRows } = await manager.query<{ affectedRows: number }>(
    `UPDATE ${differencesTable(differences)}
     STRAIGHT_JOIN account_info account FORCE INDEX (account_no) USING (account_no)
     SET account.account_balance = account.account_balance + difference.amount`,
    parametersOf(differences),
  );
  if (affectedRows === differences.size) return;
  const accounts = [...differences.keys()].join(', ');
  throw new Error(`only ${affectedRows} of the accounts ${accounts} were changed`);
}

function differencesTable(differences: Differences): string {
  const columns = { account_no: IDENTIFIER, amount: 'CAST(? AS DECIMAL(21,2))' };
  return valuesTable('difference', columns, differences.size);
}

function parametersOf(differences: Differences): string[] {
  return [...differences].flatMap(([accountNo, difference]) => [accountNo, toAmount(difference)]);
}
