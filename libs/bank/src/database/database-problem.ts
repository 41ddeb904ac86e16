import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from '../http/problem.exception.js';
import { isDatabaseAway } from './database-errors.js';

/** An error as 503 when it says that the database did not answer and so nothing was done; any other as it is. */
export function asDatabaseProblem(error: unknown): unknown {
  return isDatabaseAway(error) ? databaseAway(error) : error;
}

export function databaseAway(cause: unknown): ProblemException {
  return new ProblemException(
    ProblemCode.SERVICE_UNAVAILABLE,
    'The database does not answer at the moment.',
    {
      cause: cause instanceof Error ? cause : new Error(String(cause)),
      headers: { 'retry-after': '2' },
    },
  );
}
