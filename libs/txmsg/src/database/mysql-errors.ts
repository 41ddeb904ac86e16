/**
 * What MySQL's and mysql2's errors mean to this library. The one place that decides it.
 * Numbers: MySQL 8 Server Error Message Reference.
 */

interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly fatal?: unknown;
  readonly cause?: unknown;
}

/** Walks `cause`, because TypeORM and this library wrap the driver's error. */
function anyCause(error: unknown, matches: (error: DriverError) => boolean): boolean {
  let current = error;
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth++) {
    if (matches(current)) return true;
    current = (current as DriverError).cause;
  }
  return false;
}

const hasErrno =
  (...numbers: readonly number[]) =>
  (error: DriverError): boolean =>
    typeof error.errno === 'number' && numbers.includes(error.errno);

/** 1062: a row with this key exists (and its transaction has committed). */
export function isDuplicateEntry(error: unknown): boolean {
  return anyCause(error, hasErrno(1062));
}

/** 1213 deadlock, 1205 lock wait timeout: another try of the whole transaction may pass. */
export function isLockConflict(error: unknown): boolean {
  return anyCause(error, hasErrno(1213, 1205));
}

/** 3572: NOWAIT met a lock. */
export function isLockedNow(error: unknown): boolean {
  return anyCause(error, hasErrno(3572));
}

/** 1146: there is no such table. */
export function isMissingTable(error: unknown): boolean {
  return anyCause(error, hasErrno(1146));
}

/** 1142 of a table, 1143 of a column: the account may not do this to it. */
export function isPrivilegeMissing(error: unknown): boolean {
  return anyCause(error, hasErrno(1142, 1143));
}

/** The connection is of no more use: lost, refused, or killed by the server. */
export function isConnectionLost(error: unknown): boolean {
  return anyCause(error, (candidate) => {
    if (candidate.fatal === true) return true;
    if (typeof candidate.code !== 'string') return false;
    return candidate.code.startsWith('PROTOCOL_') || CONNECTION_CODES.has(candidate.code);
  });
}

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

/**
 * True when the database, not the statement, is at fault, so that the same work passes once the database is
 * well again: away, overloaded, full, read-only, shutting down, refusing the account, or a lock conflict.
 */
export function isDatabaseTrouble(error: unknown): boolean {
  return isLockConflict(error) || isConnectionLost(error) || anyCause(error, hasErrno(...TROUBLE));
}

const TROUBLE = [
  1021, 1040, 1041, 1044, 1045, 1049, 1053, 1077, 1114, 1129, 1152, 1158, 1159, 1160, 1161, 1180, 1184, 1203,
  1226, 1290, 1317, 1836, 1927, 3024, 3168, 3169, 4031,
];
