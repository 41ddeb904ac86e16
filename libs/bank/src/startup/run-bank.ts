import { runService, type ServiceDefinition } from '@txmsg/service';
import type { BankSettings } from '../bank-settings.js';
import { developmentSecretWarning } from './development-secret.js';

export type BankDefinition<Settings extends BankSettings> = Pick<
  ServiceDefinition<Settings>,
  'settings' | 'module' | 'description'
>;

/** Starts a bank: a service with accounts, and with a secret that both banks share. */
export function runBank<Settings extends BankSettings>(bank: BankDefinition<Settings>): Promise<void> {
  return runService({
    ...bank,
    table: 'account_info',
    warnings: ({ bankSharedSecret }) => {
      const warning = developmentSecretWarning(bankSharedSecret);
      return warning === undefined ? [] : [warning];
    },
  });
}
