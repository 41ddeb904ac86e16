import type { Databases } from '../databases.js';

export const PAYERS = Array.from({ length: 40 }, (_, index) => `payer-${index}`);
/** They hold so little that they are often refused. */
export const POOR_PAYERS = Array.from({ length: 4 }, (_, index) => `poor-${index}`);
export const PAYEES = Array.from({ length: 40 }, (_, index) => `payee-${index}`);
/** They refuse every credit. */
export const FROZEN_PAYEES = ['frozen-0', 'frozen-1'];
export const UNKNOWN_PAYEES = ['unknown-0', 'unknown-1'];

/**
 * Opens the accounts of a workload.
 * @param payers - the database of the bank that pays
 * @param payees - the database of the bank that gets it
 */
export async function openAccounts(databases: Databases, payers: string, payees: string): Promise<void> {
  const rows = (accounts: readonly string[], balance: string, status = 'ACTIVE'): string[][] =>
    accounts.map((accountNo) => ['chaos', accountNo, balance, balance, status]);
  const insert = (bank: string, values: string[][]): Promise<unknown> =>
    databases.query(
      `INSERT INTO ${bank}.account_info
         (account_name, account_no, account_balance, opening_balance, status) VALUES ?`,
      [values],
    );
  await insert(payers, [...rows(PAYERS, '100000.00'), ...rows(POOR_PAYERS, '50.00')]);
  await insert(payees, [...rows(PAYEES, '0.00'), ...rows(FROZEN_PAYEES, '0.00', 'FROZEN')]);
}
