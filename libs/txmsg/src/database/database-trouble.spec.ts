import { describe, expect, it } from '@jest/globals';
import { DatabaseUnavailableError, TransactionDeadlineError } from '../errors/index.js';
import { isDatabaseTrouble } from './mysql-errors.js';

/** As mysql2 throws it; TypeORM keeps it as the cause of its own. */
function driverError(errno: number, code: string, fatal = false): Error {
  return Object.assign(new Error(code), { errno, code, ...(fatal && { fatal }) });
}

describe('isDatabaseTrouble', () => {
  it.each([
    [
      'a connection that the server closed while this process was frozen',
      4031,
      'ER_CLIENT_INTERACTION_TIMEOUT',
    ],
    ['a server that is shutting down', 1053, 'ER_SERVER_SHUTDOWN'],
    ['a server that may no longer write', 1290, 'ER_OPTION_PREVENTS_STATEMENT'],
    ['a server with too many prepared statements', 1461, 'ER_MAX_PREPARED_STMT_COUNT_REACHED'],
    ['a full disk under a temporary table', 3, 'EE_WRITE'],
    ['a sort that the server gave up', 1028, 'ER_FILSORT_ABORT'],
    ['a node of a cluster that is not ready', 1047, 'ER_UNKNOWN_COM_ERROR'],
    ['a row that NOWAIT found locked', 3572, 'ER_LOCK_NOWAIT'],
  ])('knows %s', (_what, errno, code) => {
    expect(isDatabaseTrouble(driverError(errno, code))).toBe(true);
    expect(
      isDatabaseTrouble(Object.assign(new Error('query failed'), { driverError: driverError(errno, code) })),
    ).toBe(true);
    expect(isDatabaseTrouble(new Error('query failed', { cause: driverError(errno, code) }))).toBe(true);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'ENOENT'])(
    "knows %s of the driver's connection, and takes that of another one for nothing of the database",
    (code) => {
      const ofDriver = driverError(-111, code, true);
      expect(isDatabaseTrouble(new Error('query failed', { cause: ofDriver }))).toBe(true);
      expect(isDatabaseTrouble(new TypeError('fetch failed', { cause: driverError(-111, code) }))).toBe(
        false,
      );
    },
  );

  it('knows a connection that could not be had, and a deadline that passed while waiting for MySQL', () => {
    expect(isDatabaseTrouble(new DatabaseUnavailableError('1000 wait already'))).toBe(true);
    expect(isDatabaseTrouble(new TransactionDeadlineError(100, true))).toBe(true);
    expect(isDatabaseTrouble(new TransactionDeadlineError(100, false))).toBe(false);
  });

  it.each([
    ['a wrong statement', 1064, 'ER_PARSE_ERROR'],
    ['a key that is already used', 1062, 'ER_DUP_ENTRY'],
    ["another library's error with a small number", 3, 'ESRCH'],
  ])('is not told by %s', (_what, errno, code) => {
    expect(isDatabaseTrouble(driverError(errno, code))).toBe(false);
  });
});
