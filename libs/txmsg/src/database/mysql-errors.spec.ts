import { describe, expect, it } from '@jest/globals';
import { isConnectionLost, isDatabaseTrouble, isSchemaMismatch } from './mysql-errors.js';

function driverError(errno: number, message: string): Error {
  return Object.assign(new Error(message), { errno });
}

describe('isSchemaMismatch', () => {
  it('knows a routine that is away, and not a savepoint that the handler has ended twice', () => {
    expect(isSchemaMismatch(driverError(1305, 'PROCEDURE data.p does not exist'))).toBe(true);
    expect(isSchemaMismatch(driverError(1305, 'SAVEPOINT txmsg_1 does not exist'))).toBe(false);
  });
});

describe('isConnectionLost', () => {
  const noEntry = (syscall: string): Error =>
    Object.assign(new Error(`ENOENT: no such file or directory, ${syscall}`), { code: 'ENOENT', syscall });

  it('knows a Unix socket that is away, and not a file that is missing', () => {
    expect(isConnectionLost(noEntry('connect'))).toBe(true);
    expect(isConnectionLost(noEntry('open'))).toBe(false);
    expect(isDatabaseTrouble(noEntry('open'))).toBe(false);
  });
});
