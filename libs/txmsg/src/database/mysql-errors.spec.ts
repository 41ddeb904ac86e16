import { describe, expect, it } from '@jest/globals';
import { isSchemaMismatch } from './mysql-errors.js';

function driverError(errno: number, message: string): Error {
  return Object.assign(new Error(message), { errno });
}

describe('isSchemaMismatch', () => {
  it('knows a routine that is away, and not a savepoint that the handler has ended twice', () => {
    expect(isSchemaMismatch(driverError(1305, 'PROCEDURE data.p does not exist'))).toBe(true);
    expect(isSchemaMismatch(driverError(1305, 'SAVEPOINT txmsg_1 does not exist'))).toBe(false);
  });
});
