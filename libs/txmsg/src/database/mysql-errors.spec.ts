import { describe, expect, it } from '@jest/globals';
import { createConnection, type ConnectionOptions } from 'mysql2/promise';
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
  it('knows what the real driver says of a server, or a Unix socket, that is away, and not a file that is missing', async () => {
    const failureOf = (place: ConnectionOptions): Promise<unknown> =>
      createConnection({ user: 'u', ...place }).then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(isConnectionLost(await failureOf({ host: '127.0.0.1', port: 9 }))).toBe(true);
    expect(isConnectionLost(await failureOf({ socketPath: '/nowhere/mysql.sock' }))).toBe(true);
    const noFile = Object.assign(new Error('ENOENT: no such file, open'), {
      code: 'ENOENT',
      syscall: 'open',
    });
    expect(isConnectionLost(noFile)).toBe(false);
    expect(isDatabaseTrouble(noFile)).toBe(false);
  });
});
