import { fieldProblem, invalidInput, ProblemException } from '@txmsg/service';
import { ProblemCode } from '@txmsg/contracts';
import {
  HalfMessageNotSentError,
  InvalidArgumentError,
  LocalTransactionFailedError,
  TransactionFencedError,
  TxNoConflictError,
} from 'txmsg';
import type { TransferOrder, TransferRefusal } from './transfer-order.js';

/** Errors that mean that this call did nothing and will do nothing. Only these may be answered with 503. */
const NOTHING_DONE = [HalfMessageNotSentError, LocalTransactionFailedError, TransactionFencedError];

/** An error of `sendMessageInTransaction` as the caller's problem. */
export function sendProblem(error: unknown, { txNo }: TransferOrder): ProblemException {
  if (error instanceof TxNoConflictError) return txNoConflict(txNo);
  if (error instanceof InvalidArgumentError) {
    return invalidInput([fieldProblem(error.field, error.value, error.rule)]);
  }
  if (NOTHING_DONE.some((kind) => error instanceof kind)) {
    return new ProblemException(
      ProblemCode.SERVICE_UNAVAILABLE,
      'This call made no transfer and will make none. Repeat it later with the same txNo, above all when an earlier call with it is still unknown.',
      { txNo, cause: error, headers: { 'retry-after': '1' } },
    );
  }
  return new ProblemException(
    ProblemCode.INTERNAL_ERROR,
    'An unexpected error; whether the transfer was made is not known. Repeat the call with the same txNo.',
    { txNo, cause: error },
  );
}

/** What the local transaction refused, as the caller's problem. */
export function refusalProblem(
  refusal: Exclude<TransferRefusal, 'ALREADY_DONE'>,
  { txNo, accountNo, amount }: TransferOrder,
): ProblemException {
  switch (refusal) {
    case 'NO_SUCH_ACCOUNT':
      return new ProblemException(
        ProblemCode.ACCOUNT_NOT_FOUND,
        `There is no account "${accountNo}" at this bank.`,
        {
          txNo,
        },
      );
    case 'ACCOUNT_FROZEN':
      return new ProblemException(ProblemCode.ACCOUNT_FROZEN, `Account "${accountNo}" is frozen.`, { txNo });
    case 'INSUFFICIENT_BALANCE':
      return new ProblemException(
        ProblemCode.INSUFFICIENT_BALANCE,
        `Account "${accountNo}" holds less than ${amount}.`,
        { txNo },
      );
    case 'TX_NO_CONFLICT':
      return txNoConflict(txNo);
  }
}

function txNoConflict(txNo: string): ProblemException {
  const detail = `txNo "${txNo}" was used before, for a transfer with other contents.`;
  return new ProblemException(ProblemCode.TX_NO_CONFLICT, detail, { txNo });
}
