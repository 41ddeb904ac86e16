import { DatabaseUnavailableError, TransactionDeadlineError } from '../errors/index.js';

/**
 * What the errors of MySQL and mysql2 mean to this library. The only place that decides it.
 * Numbers: MySQL 8 Server Error Message Reference.
 */

interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly fatal?: unknown;
  readonly cause?: unknown;
  readonly driverError?: unknown;
  readonly message?: unknown;
}

/** Walks `driverError` and `cause`, because TypeORM and this library wrap the driver's error. */
export function anyCause(error: unknown, matches: (error: DriverError) => boolean): boolean {
  let current = error;
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth++) {
    if (matches(current)) return true;
    const { driverError, cause } = current as DriverError;
    current = driverError ?? cause;
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

/** 1206: there is no room for more locks; InnoDB rolls back the whole transaction, as after a deadlock. */
export function isLockTableFull(error: unknown): boolean {
  return anyCause(error, hasErrno(1206));
}

/** 1411: a row did not meet the condition of `eachMust`; the statement has changed nothing. */
export function isRefused(error: unknown): boolean {
  return anyCause(error, hasErrno(1411));
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

/**
 * The connection can no longer be used: lost, refused, killed by the server, or one to a server that has become read-only
 * (it is no longer the primary, and a new connection may reach the primary). The driver marks every failure of its connection
 * as fatal (mysql2 3.24.5, `_handleFatalError`); the same code of the operating system without the mark comes from a call that
 * the service itself makes, to somebody else.
 */
export function isConnectionLost(error: unknown): boolean {
  return anyCause(
    error,
    (candidate) =>
      candidate.fatal === true ||
      isReadOnly(candidate) ||
      (typeof candidate.code === 'string' && candidate.code.startsWith('PROTOCOL_')),
  );
}

/** 1290 an option of the server prevents the statement (`read_only`), 1792 in a read-only transaction, 1836 read-only mode. */
const isReadOnly = hasErrno(1290, 1792, 1836);

/**
 * True when the database, not the statement, is at fault, so that the same work succeeds once the database works again: no
 * connection could be had, or a statement got no answer in time; it is away, overloaded, full, read-only, shutting down,
 * refuses the account, its storage fails, its schema is in the middle of a migration, or a lock was in the way.
 */
export function isDatabaseTrouble(error: unknown): boolean {
  return (
    error instanceof DatabaseUnavailableError ||
    (error instanceof TransactionDeadlineError && error.waitedForDatabase) ||
    isLockConflict(error) ||
    isLockedNow(error) ||
    isConnectionLost(error) ||
    anyCause(error, hasErrno(...TROUBLE, ...STORAGE)) ||
    anyCause(error, isFileTrouble) ||
    isSchemaMismatch(error)
  );
}

/**
 * True when the statement does not fit the tables, views, routines or rights as they are. During a deployment that may be a
 * migration under way, and passes when it is finished; the error is the same as that of a statement that was always wrong.
 */
export function isSchemaMismatch(error: unknown): boolean {
  return anyCause(error, (candidate) => hasErrno(...SCHEMA)(candidate) && !isMissingSavepoint(candidate));
}

/** 1305 is also the number of a savepoint that does not exist: a mistake of the handler, not of the schema. */
function isMissingSavepoint({ errno, message }: DriverError): boolean {
  return errno === 1305 && typeof message === 'string' && message.includes('SAVEPOINT');
}

/**
 * The server's own files: 1 cannot create (a temporary one), 2 read, 3 write, 5 memory, 20 disk full, 23 too many open. Other
 * libraries have numbers as small as these.
 */
function isFileTrouble(error: DriverError): boolean {
  return (
    hasErrno(1, 2, 3, 5, 20, 23)(error) && typeof error.code === 'string' && error.code.startsWith('EE_')
  );
}

const TROUBLE = [
  1021, 1040, 1041, 1044, 1045, 1047, 1049, 1053, 1077, 1114, 1129, 1152, 1158, 1159, 1160, 1161, 1180, 1184,
  1203, 1226, 1317, 1461, 1927, 3024, 3168, 3169, 4031,
];

/**
 * Storage and memory: 1015 cannot lock, 1016 cannot open, 1026 cannot write, 1028 sort ended, 1030 storage engine, 1034
 * index file, 1036 table read only, 1037 and 1038 memory, 1135 no thread, 1194 and 1195 table crashed, 1206 lock table full,
 * 1637 too many transactions, 1812 to 1815 tablespace, 1878 temporary file, 3100 and 3101 group replication. And the
 * account: 1130 host, 1698 and 3118 refused, 1820 and 1862 password, 3159 TLS.
 */
const STORAGE = [
  1015, 1016, 1026, 1028, 1030, 1034, 1036, 1037, 1038, 1130, 1135, 1194, 1195, 1206, 1637, 1698, 1812, 1813,
  1814, 1815, 1820, 1862, 1878, 3100, 3101, 3118, 3159,
];

/**
 * Tables, columns, indexes, routines, views and rights that are away for now: 1054 column, 1109 and 1146 table, 1136
 * number of columns, 1142 and 1143 rights on table and column, 1176 and 1191 index, 1227 privilege, 1305 routine, 1356
 * and 1449 view and its definer, 1364 column without a default, 1370 rights on a routine, 1412 and 1615 definition changed
 * meanwhile.
 */
const SCHEMA = [
  1054, 1109, 1136, 1142, 1143, 1146, 1176, 1191, 1227, 1305, 1356, 1364, 1370, 1412, 1449, 1615,
];
