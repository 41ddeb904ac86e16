import { ProblemCode } from '@txmsg/contracts';
import { isDatabaseTrouble } from 'txmsg/building-blocks';
import { ProblemException } from '../http/problem.exception.js';

/** An error as 503 when it says that the database did not answer and so nothing was done; any other as it is. */
export function asDatabaseProblem(error: unknown): unknown {
  return isDatabaseTrouble(error) ? databaseProblem(error) : error;
}

function databaseProblem(cause: unknown): ProblemException {
  return new ProblemException(
    ProblemCode.SERVICE_UNAVAILABLE,
    'The database does not answer at the moment.',
    {
      cause: cause instanceof Error ? cause : new Error(String(cause)),
      headers: { 'retry-after': '2' },
    },
  );
}
