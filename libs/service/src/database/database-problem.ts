import { ProblemCode } from '@txmsg/contracts';
import { CommitOutcomeUnknownError } from 'txmsg';
import { isDatabaseTrouble } from 'txmsg/building-blocks';
import { ProblemException } from '../http/problem.exception.js';

/**
 * An error as 503 when it says that the database did not answer and so nothing was done, as OUTCOME_UNKNOWN when it did not
 * confirm a COMMIT; any other as it is.
 */
export function asDatabaseProblem(error: unknown): unknown {
  // Its cause is trouble of the database as well, but this one says nothing about what was done.
  if (error instanceof CommitOutcomeUnknownError) return outcomeUnknown(error);
  return isDatabaseTrouble(error) ? databaseProblem(error) : error;
}

function outcomeUnknown(cause: CommitOutcomeUnknownError): ProblemException {
  return new ProblemException(
    ProblemCode.OUTCOME_UNKNOWN,
    'The database did not confirm what this call changed, so it may be done or not. Look before you repeat it; with the same Idempotency-Key, where the call takes one, it may be repeated at once.',
    { cause },
  );
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
