import { describe, expect, it } from '@jest/globals';
import { ProblemCode } from '@txmsg/contracts';
import type { BankSettings } from '../configuration/bank-settings.js';
import { ProblemException } from '../http/problem.exception.js';
import { BoundedRead } from './bounded-read.js';

const read = new BoundedRead({ databaseReadTimeoutMs: 100 } as BankSettings);

describe('BoundedRead', () => {
  it('hands out what was read', async () => {
    await expect(read.run(() => Promise.resolve('row'))).resolves.toBe('row');
  });

  it('answers in time when the database does not', async () => {
    await expect(read.run(() => new Promise(() => undefined))).rejects.toMatchObject({
      code: ProblemCode.SERVICE_UNAVAILABLE,
    });
  });

  it.each([
    ['a refused connection', Object.assign(new Error('refused'), { code: 'ECONNREFUSED', fatal: true })],
    [
      'a lost connection',
      Object.assign(new Error('query failed'), { driverError: { code: 'PROTOCOL_CONNECTION_LOST' } }),
    ],
    ['too many connections', Object.assign(new Error('too many'), { code: 'ER_CON_COUNT_ERROR' })],
  ])('takes %s for a database that is away', async (_what, error) => {
    await expect(read.run(() => Promise.reject(error))).rejects.toBeInstanceOf(ProblemException);
  });

  it('passes on an error of the statement', async () => {
    const error = Object.assign(new Error('no such column'), { code: 'ER_BAD_FIELD_ERROR' });
    await expect(read.run(() => Promise.reject(error))).rejects.toBe(error);
  });
});
