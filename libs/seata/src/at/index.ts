export { AtTransactions, type AtRunOptions } from './at-transactions.js';
export type { AtEntityManager } from './phase-one/at-entity-manager.js';
export { AtBranchProbe, type AtBranchState, type CommittedRow } from './at-branch.probe.js';
export { AtResource } from './at.resource.js';
export { AT_OPTIONS, AT_PROVIDERS } from './at.providers.js';
export type { AtOptions } from './at.options.js';
export { GlobalLocks } from './global-locks.js';
