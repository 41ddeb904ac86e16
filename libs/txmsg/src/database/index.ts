export {
  DatabaseTransactions,
  type Decision,
  type RunOptions,
  type TransactionContext,
} from './database-transactions.js';
export { checkDatabase, type DatabaseCheck } from './database-check.js';
export {
  anyCause,
  isConnectionLost,
  isDatabaseTrouble,
  isDuplicateEntry,
  isLockConflict,
  isLockedNow,
  isMissingTable,
  isSchemaMismatch,
} from './mysql-errors.js';
export { mysqlDataSourceOptions, type MysqlConnectionOptions } from './mysql-data-source-options.js';
export {
  MysqlUrlError,
  mysqlPlace,
  parseMysqlUrl,
  sessionStatement,
  type MysqlServer,
  type MysqlTls,
} from './mysql.js';
export { prepared } from './connection-statements.js';
export { withConnection } from './with-connection.js';
export { waitersOf } from './pool-queue.js';
export { ReservedConnections } from './reserved-connections.js';
export { checkTables, COMMON_TABLES, DEAD_LETTER_TABLES, JOB_TABLES } from './tables-check.js';
export { eachMust, IDENTIFIER, updateAllOrNone, valuesTable } from './values-table.js';
