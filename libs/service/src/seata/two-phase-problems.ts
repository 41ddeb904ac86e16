import { ProblemCode, type TwoPhasePattern } from '@txmsg/contracts';
import {
  CoordinatorRefusedError,
  CoordinatorUnavailableError,
  GlobalTransactionOverError,
  MalformedFrameError,
  MessageNotEncodableError,
  NoGlobalTransactionError,
  XID_HEADER,
} from '@txmsg/seata';
import { isDatabaseTrouble } from 'txmsg/building-blocks';
import { ProblemException } from '../http/problem.exception.js';
import { fieldProblem, invalidInput } from '../http/validation-pipe.js';
import { TxNoInUseError } from './branch.client.js';

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
  return [
    CoordinatorUnavailableError,
    CoordinatorRefusedError,
    MalformedFrameError,
    MessageNotEncodableError,
  ].some((type) => error instanceof type);
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

/**
 * For a call that was rolled back at every service that took part in it.
 * @param place - where, in words
 */
export function rolledBack(
  { txNo, what, place }: { readonly txNo: string; readonly what: string; readonly place: string },
  cause: unknown,
): ProblemException {
  const why = isDatabaseTrouble(cause) ? ' The database did not answer in time.' : '';
  const detail =
    cause instanceof TxNoInUseError
      ? `The ${what} was rolled back, and this call changed nothing. But the other service has something with this txNo: of an earlier call, which it has yet to undo, or of somebody else. Repeat the call after a pause; an operator must look when it stays.`
      : `The ${what} was rolled back at ${place}; nothing of it remains.${why} It may be asked for again with the same txNo.`;
  return new ProblemException(ProblemCode.ROLLED_BACK, detail, { txNo, cause });
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
