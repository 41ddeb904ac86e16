export { AttemptOutcomes, type AttemptOutcome } from './attempt-outcomes.js';
export { Barrier, BarrierCollisionError, type AttemptKey, type BarrierEntry } from './barrier.js';
export { Contents } from './contents.js';
export { readDatabaseIdentity } from './database-identity.js';
export { claimScopes, conflictsInDatabase, conflictsWithin, type ScopeUse } from './scope.register.js';
