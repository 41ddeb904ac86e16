/** The audit reads databases past the banks, so this entry point brings neither Nest nor an ORM. */
export { audit, LIST_MAX, type AuditedBooks } from './audit.js';
export { AuditUnreadableError } from './audit.error.js';
export {
  describeDisagreement,
  type AuditReport,
  type BoundedList,
  type Disagreement,
} from './audit-report.js';
export type { AccountsReading, BankName, BookedTransfer, Books, WrongAccount } from './books.js';
export {
  auditOneServer,
  auditTwoServers,
  QUERY_TIMEOUT_MS,
  type BankSchemas,
  type MysqlAuditOptions,
} from './mysql-audit.js';
