/**
 * What the library is made of and a service beside it may use too: waits and reads that end in time, a trace that goes
 * on later, the deletion of old rows, what the module checks of MySQL and of providers at start, and the rules by which it
 * checks its options, for a service that checks its own settings before it starts.
 */
export { BackgroundLoop, waitAtMost, withDeadline } from './deadline/index.js';
export {
  checkDatabase,
  eachMust,
  IDENTIFIER,
  isDatabaseTrouble,
  isDuplicateEntry,
  isLockConflict,
  isMissingTable,
  updateAllOrNone,
  valuesTable,
  withConnection,
  type DatabaseCheck,
} from './database/index.js';
export { formatBrokerAddress, parseBrokerAddress, type BrokerAddress } from './broker/index.js';
export { requestScopeProblem } from './provider-scope.js';
export { activeTraceparent, withinTraceparent } from './telemetry/index.js';
export {
  CLOCK_MARGIN_MS,
  ExpiredRows,
  requireClocksAgree,
  RetentionJob,
  type ExpiringTable,
  type PurgedBatch,
} from './retention/index.js';
export { retentionProblems, type Retention } from './options/retention.rules.js';
