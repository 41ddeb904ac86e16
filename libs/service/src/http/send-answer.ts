import { ProblemCode } from '@txmsg/contracts';
import type { FastifyReply } from 'fastify';
import {
  HalfMessageNotSentError,
  InvalidArgumentError,
  LocalTransactionFailedError,
  TransactionFencedError,
  TxNoConflictError,
} from 'txmsg';
import { ProblemException } from './problem.exception.js';
import { fieldProblem, invalidInput } from './validation-pipe.js';

/** The result of a call that sends in a transaction, unless it is a problem: what its first call did, or that nobody knows yet. */
export type SendAnswer<Receipt> =
  | { readonly kind: 'FIRST' | 'REPEATED'; readonly body: Receipt }
  | { readonly kind: 'UNKNOWN'; readonly body: { readonly txNo: string } };

const RETRY_AFTER_S = '2';

/**
 * Sets the status and headers of such a call: 202 with `Retry-After` while the outcome is not known. Returns its body.
 * @param location - where what the call made is found; undefined while that is not known either
 */
export function replyTo<Answer extends SendAnswer<object>>(
  reply: FastifyReply,
  answer: Answer,
  firstStatus: 200 | 201,
  location: string | undefined,
): Answer['body'] {
  if (location !== undefined) void reply.header('location', location);
  switch (answer.kind) {
    case 'FIRST':
      void reply.code(firstStatus);
      break;
    case 'REPEATED':
      void reply.code(200);
      break;
    case 'UNKNOWN':
      void reply.code(202).header('retry-after', RETRY_AFTER_S);
      break;
  }
  return answer.body;
}

export interface SentThing {
  readonly txNo: string;
  /** What the call makes, as a noun for sentences. */
  readonly what: string;
}

/** Errors that mean that this call did nothing and will do nothing. Only these may be answered with 503. */
const NOTHING_DONE = [HalfMessageNotSentError, LocalTransactionFailedError, TransactionFencedError];

/** An error of `sendMessageInTransaction` as the caller's problem. */
export function sendProblem(error: unknown, sent: SentThing): ProblemException {
  const { txNo, what } = sent;
  if (error instanceof TxNoConflictError) return txNoConflict(sent);
  if (error instanceof InvalidArgumentError) {
    return invalidInput([fieldProblem(error.field, error.value, error.rule)]);
  }
  if (NOTHING_DONE.some((kind) => error instanceof kind)) {
    return nothingDone(sent, error);
  }
  return new ProblemException(
    ProblemCode.INTERNAL_ERROR,
    `An unexpected error; whether the ${what} was made is not known. Repeat the call with the same txNo.`,
    { txNo, cause: error },
  );
}

/** 503: only for calls that did nothing and will do nothing. */
export function nothingDone({ txNo, what }: SentThing, cause?: unknown): ProblemException {
  return new ProblemException(
    ProblemCode.SERVICE_UNAVAILABLE,
    `This call made no ${what} and will make none. Repeat it later with the same txNo, above all when an earlier call with it is still unknown.`,
    { txNo, cause, headers: { 'retry-after': '1' } },
  );
}

/** 409: the txNo belongs to a call with other contents. */
export function txNoConflict({ txNo, what }: SentThing): ProblemException {
  const article = /^[aeio]/.test(what) ? 'an' : 'a';
  const detail = `txNo "${txNo}" was used before, for ${article} ${what} with other contents.`;
  return new ProblemException(ProblemCode.TX_NO_CONFLICT, detail, { txNo });
}
