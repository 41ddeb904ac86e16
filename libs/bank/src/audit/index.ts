/** The audit reads databases past the banks, so this entry point brings neither Nest nor an ORM. */
export { audit, LIST_MAX, type AuditedBooks, type AuditOptions } from './audit.js';
export { AuditUnreadableError } from './audit.error.js';
export {
  describeDisagreement,
  type AuditReport,
  type BoundedList,
  type Disagreement,
} from './audit-report.js';
export { compareTxNos } from './books.js';
export type {
  AccountsReading,
  BankName,
  BookedTransfer,
  Books,
  ContradictedTopUp,
  OpenBooks,
  TopUpsReading,
  WrongAccount,
} from './books.js';
export { booksLines, BooksOfLines } from './books-lines.js';
export { auditInTurn, auditOneServer, auditTwoServers, type BankSchemas } from './mysql-audit.js';
export { databaseOf, openMysqlBooks, QUERY_TIMEOUT_MS, quoted, type ReadingOptions } from './mysql-books.js';
export {
  readReservedAccounts,
  type Holding,
  type ReservedAccountsReading,
  type WrongHolding,
} from './reserved-accounts.js';
export { SnapshotConnection } from './snapshot-connection.js';
