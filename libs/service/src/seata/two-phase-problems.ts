import { ProblemCode, type TwoPhasePattern } from '@txmsg/contracts';
import {
  CoordinatorRefusedError,
  CoordinatorUnavailableError,
  GlobalTransactionOverError,
  MalformedFrameError,
  NoGlobalTransactionError,
  XID_HEADER,
} from '@txmsg/seata';
import { ProblemException } from '../http/problem.exception.js';
import { fieldProblem, invalidInput } from '../http/validation-pipe.js';

/**
 * The row of a txNo could not be opened, and what an earlier call with this txNo has come to is not known. This call did
 * nothing and will do nothing; that says nothing about the earlier one.
 */
export class RowNotOpenedError extends Error {
  constructor(what: string, cause: unknown) {
    super(`the ${what} could not be begun`, { cause });
  }
}

/** Whether this error of `GlobalTransactions.run` says that no global transaction was begun: its work was not called. */
export function hasNotBegun(error: unknown): boolean {
  return [CoordinatorUnavailableError, CoordinatorRefusedError, MalformedFrameError].some(
    (type) => error instanceof type,
  );
}

/**
 * The key of a row becomes the name of a global lock, in which Seata has its own use for the colon.
 * @param field - where the caller gave the txNo
 * @throws ProblemException 400 INVALID_INPUT
 */
export function refuseColonUnderAt(pattern: TwoPhasePattern, txNo: string, field: string): void {
  if (pattern !== 'AT' || !txNo.includes(':')) return;
  throw invalidInput([fieldProblem(field, txNo, 'must have no ":" with the pattern at')]);
}

/** What kept a branch from being made, as the answer to whoever asked for it; any other error as it is. */
export function branchProblem(error: unknown, txNo: string): unknown {
  if (error instanceof NoGlobalTransactionError) {
    return invalidInput([fieldProblem(XID_HEADER, undefined, 'must be the id of a global transaction')]);
  }
  if (error instanceof GlobalTransactionOverError || error instanceof CoordinatorRefusedError) {
    return new ProblemException(ProblemCode.ROLLED_BACK, error.message, { txNo, cause: error });
  }
  return error;
}
