export { AccountEntity, type AccountStatus } from './accounts/account.entity.js';
export { creditAll, debitAll, refundAll, type AccountChange } from './accounts/account-batch.js';
export {
  BALANCE_MAX,
  credit,
  debit,
  refund,
  type CreditOutcome,
  type DebitOutcome,
} from './accounts/account-ledger.js';
export { AccountsModule } from './accounts/accounts.module.js';
export { BankSettings } from './bank-settings.js';
export { ClassicTransferQuery, TransferRequest } from './transfers/transfer.request.js';
export { runBank, type BankDefinition } from './startup/run-bank.js';
