import { describe, expect, it } from '@jest/globals';
import { ProblemCode } from '@txmsg/contracts';
import { DatabaseUnavailableError } from 'txmsg';
import type { DataSource } from 'typeorm';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { ProblemException } from '../http/problem.exception.js';
import { BoundedRead } from './bounded-read.js';

const read = new BoundedRead({} as DataSource, { databaseReadTimeoutMs: 100 } as ServiceSettings);

describe('BoundedRead', () => {
  it('hands out what was read, and says how long a read may take', async () => {
    await expect(read.within((timeoutMs) => Promise.resolve(timeoutMs))).resolves.toBe(100);
  });

  it.each([
    [
      'no connection within the time, or no place in the queue',
      new DatabaseUnavailableError('1000 wait already'),
    ],
    ['a refused connection', Object.assign(new Error('refused'), { code: 'ECONNREFUSED', fatal: true })],
    [
      'a lost connection',
      Object.assign(new Error('query failed'), { driverError: { code: 'PROTOCOL_CONNECTION_LOST' } }),
    ],
    [
      'too many connections',
      Object.assign(new Error('too many'), { code: 'ER_CON_COUNT_ERROR', errno: 1040 }),
    ],
  ])('takes %s for a database that is away: 503, and when to come again', async (_what, error) => {
    const answer = read.within(() => Promise.reject(error));
    await expect(answer).rejects.toBeInstanceOf(ProblemException);
    await expect(answer).rejects.toMatchObject({
      code: ProblemCode.SERVICE_UNAVAILABLE,
      extras: { headers: { 'retry-after': '2' } },
    });
  });

  it('passes on an error of the statement', async () => {
    const error = Object.assign(new Error('no such column'), { code: 'ER_BAD_FIELD_ERROR' });
    await expect(read.within(() => Promise.reject(error))).rejects.toBe(error);
  });
});
