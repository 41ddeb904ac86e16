import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from '../http/problem.exception.js';
import { asDatabaseProblem } from './database-problem.js';

/**
 * Reads what a change has made, after the COMMIT of that change. When the database does not answer the read, or its COMMIT, the
 * caller gets OUTCOME_UNKNOWN: SERVICE_UNAVAILABLE would say that nothing was done. Only for changes that a library commits; where the
 * service has a transaction of its own, the read belongs into it.
 * @param read - may throw an error of the database, or the problem that was made of it
 * @throws ProblemException OUTCOME_UNKNOWN; any other error of `read` as it is
 */
export async function readAfterCommit<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const problem = asDatabaseProblem(error);
    throw isOfDatabase(problem) ? changeNotRead(error) : problem;
  }
}

const OF_DATABASE: readonly ProblemCode[] = [ProblemCode.SERVICE_UNAVAILABLE, ProblemCode.OUTCOME_UNKNOWN];

function isOfDatabase(problem: unknown): boolean {
  return problem instanceof ProblemException && OF_DATABASE.includes(problem.code);
}

function changeNotRead(cause: unknown): ProblemException {
  return new ProblemException(
    ProblemCode.OUTCOME_UNKNOWN,
    'The change was made, but the database did not answer when the result was read. Read the result later; the change need not be repeated.',
    { cause },
  );
}
