import { isInfrastructureFailure } from '../broker/index.js';
import { isSchemaMismatch } from '../database/index.js';
import {
  JobKeyConflictError,
  PoisonMessageError,
  TransactionDeadlineError,
  TxNoConflictError,
} from '../errors/index.js';
import { MessageExpiredError } from '../errors/message.errors.js';

/** Why a message became a dead letter. */
export const DEAD_LETTER_REASONS = ['POISON', 'TX_NO_CONFLICT', 'HANDLER_FAILED', 'EXPIRED'] as const;
/** One of `DEAD_LETTER_REASONS`. */
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/**
 * What a failed consumption calls for.
 * - `INFRASTRUCTURE`: the database or the broker failed; retried until the message has expired.
 * - `SCHEMA`: a statement does not fit the tables or rights; retried as long, because a migration may be under way. Receiving
 *   is not slowed down: when one handler's statement is wrong, the other handlers are not affected.
 * - `HANDLER`: the handler failed; retried until it has failed `attemptsMax` times, then a dead letter.
 * - `POISON`, `TX_NO_CONFLICT`, `EXPIRED`: every later delivery would fail as well; a dead letter at once.
 */
export type FailureKind = 'INFRASTRUCTURE' | 'SCHEMA' | 'HANDLER' | 'POISON' | 'TX_NO_CONFLICT' | 'EXPIRED';

/** The only place that decides which errors are retried. */
export function classifyFailure(error: unknown): FailureKind {
  if (error instanceof PoisonMessageError) return 'POISON';
  if (error instanceof TxNoConflictError || error instanceof JobKeyConflictError) return 'TX_NO_CONFLICT';
  if (error instanceof MessageExpiredError) return 'EXPIRED';
  if (error instanceof TransactionDeadlineError)
    return error.waitedForDatabase ? 'INFRASTRUCTURE' : 'HANDLER';
  if (isSchemaMismatch(error)) return 'SCHEMA';
  return isInfrastructureFailure(error) ? 'INFRASTRUCTURE' : 'HANDLER';
}

export type RetriedFailureKind = Extract<FailureKind, 'INFRASTRUCTURE' | 'SCHEMA' | 'HANDLER'>;

const DELAY_MAX_MS: Record<RetriedFailureKind, number> = {
  // Short, so that work resumes soon after the database is back.
  INFRASTRUCTURE: 5000,
  // A migration may take minutes; a mistake in a statement must not put load on the database meanwhile.
  SCHEMA: 30_000,
  HANDLER: 60_000,
};
/** With the delays above, some minutes: longer than a migration usually takes. */
const OPERATOR_AFTER_FAILURES = 12;

/** True for a failure that waiting has not cured for minutes: an operator has to act. */
export function needsAnOperator(kind: RetriedFailureKind, failures: number): boolean {
  return kind === 'SCHEMA' && failures >= OPERATOR_AFTER_FAILURES;
}

/** Exponential from 1 s, with 10 % of jitter either way, so that messages which failed together are not retried together. */
export function retryDelayMs(kind: RetriedFailureKind, failures: number): number {
  const base = Math.min(DELAY_MAX_MS[kind], 1000 * 2 ** Math.min(failures - 1, 16));
  return Math.round(base * (0.9 + Math.random() * 0.2));
}
