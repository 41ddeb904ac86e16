import { isDatabaseTrouble, isSchemaMismatch } from '../database/index.js';
import {
  BrokerError,
  CommitOutcomeUnknownError,
  PoisonMessageError,
  TransactionDeadlineError,
  TxNoConflictError,
} from '../errors/index.js';

/**
 * What a failed consumption calls for.
 * - `INFRASTRUCTURE`: database or broker trouble; retried indefinitely, it never becomes a dead letter for that.
 * - `SCHEMA`: a statement does not fit the tables or rights; retried indefinitely, too, because a migration may be under
 *   way. It is no reason to receive less: when it is one handler's mistake, its neighbours are well.
 * - `HANDLER`: the handler failed; again until the attempts are used up.
 * - `POISON`, `TX_NO_CONFLICT`: will fail at every delivery; dead letter at once.
 */
export type FailureKind = 'INFRASTRUCTURE' | 'SCHEMA' | 'HANDLER' | 'POISON' | 'TX_NO_CONFLICT';

/** The one place that decides it. */
export function classifyFailure(error: unknown): FailureKind {
  if (error instanceof PoisonMessageError) return 'POISON';
  if (error instanceof TxNoConflictError) return 'TX_NO_CONFLICT';
  if (error instanceof TransactionDeadlineError)
    return error.waitedForDatabase ? 'INFRASTRUCTURE' : 'HANDLER';
  if (isSchemaMismatch(error)) return 'SCHEMA';
  const isInfrastructure =
    error instanceof CommitOutcomeUnknownError || error instanceof BrokerError || isDatabaseTrouble(error);
  return isInfrastructure ? 'INFRASTRUCTURE' : 'HANDLER';
}

export type RetriedFailureKind = Exclude<FailureKind, 'POISON' | 'TX_NO_CONFLICT'>;

const DELAY_MAX_MS: Record<RetriedFailureKind, number> = {
  // Short, so that work resumes soon after the database is back.
  INFRASTRUCTURE: 5000,
  // As long as a migration may well take, and no load when it is a mistake that stays.
  SCHEMA: 30_000,
  HANDLER: 60_000,
};
/** Deliveries after which a failure that should have healed by itself needs a person: some minutes, by the delays. */
const NEEDS_A_PERSON_AFTER = 12;

/** A migration is over by then; what still does not fit will not fit by waiting. */
export function needsAPerson(kind: RetriedFailureKind, attempt: number): boolean {
  return kind === 'SCHEMA' && attempt >= NEEDS_A_PERSON_AFTER;
}

/** Exponential from 1 s, with jitter of a fifth so that neighbours do not come back together. */
export function retryDelayMs(kind: RetriedFailureKind, attempt: number): number {
  const base = Math.min(DELAY_MAX_MS[kind], 1000 * 2 ** Math.min(attempt - 1, 16));
  return Math.round(base * (0.9 + Math.random() * 0.2));
}
