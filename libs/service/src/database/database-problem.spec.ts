import { describe, expect, it } from '@jest/globals';
import { ProblemCode } from '@txmsg/contracts';
import { CommitOutcomeUnknownError, DatabaseUnavailableError } from 'txmsg';
import { asDatabaseProblem } from './database-problem.js';

describe('asDatabaseProblem', () => {
  it('never says that nothing was done when a COMMIT was not confirmed', () => {
    const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', fatal: true });
    expect(asDatabaseProblem(new CommitOutcomeUnknownError({ cause: lost }))).toMatchObject({
      code: ProblemCode.OUTCOME_UNKNOWN,
    });
    expect(asDatabaseProblem(lost)).toMatchObject({ code: ProblemCode.SERVICE_UNAVAILABLE });
    expect(asDatabaseProblem(new DatabaseUnavailableError('away'))).toMatchObject({
      code: ProblemCode.SERVICE_UNAVAILABLE,
    });
  });
});
