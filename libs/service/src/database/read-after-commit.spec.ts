import { describe, expect, it } from '@jest/globals';
import { ProblemCode } from '@txmsg/contracts';
import { CommitOutcomeUnknownError, DatabaseUnavailableError } from 'txmsg';
import { ProblemException } from '../http/problem.exception.js';
import { asDatabaseProblem } from './database-problem.js';
import { readAfterCommit } from './read-after-commit.js';

describe('readAfterCommit', () => {
  it('hands out what was read', async () => {
    await expect(readAfterCommit(() => Promise.resolve('read'))).resolves.toBe('read');
  });

  const away = new DatabaseUnavailableError('1000 wait already');

  it.each([
    ['an error of the database', away],
    ['the problem that was made of it', asDatabaseProblem(away)],
    ["a COMMIT of the read's own", new CommitOutcomeUnknownError({ cause: away })],
    ['a problem without a cause', new ProblemException(ProblemCode.SERVICE_UNAVAILABLE, 'away')],
  ])('never says that nothing was done because of %s', async (_what, error) => {
    const reading = readAfterCommit(() => Promise.reject(error as Error));
    await expect(reading).rejects.toBeInstanceOf(ProblemException);
    await expect(reading).rejects.toMatchObject({
      code: ProblemCode.OUTCOME_UNKNOWN,
      detail: expect.stringContaining('The change was made') as unknown,
      cause: error,
    });
  });

  it.each([
    ['the statement', Object.assign(new Error('wrong syntax'), { errno: 1064 })],
    ['the caller', new ProblemException(ProblemCode.JOB_NOT_FOUND, 'There is none.')],
  ])('passes on an error of %s', async (_what, error) => {
    await expect(readAfterCommit(() => Promise.reject(error))).rejects.toBe(error);
  });
});
