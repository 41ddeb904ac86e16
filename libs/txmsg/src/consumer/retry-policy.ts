import { isDatabaseTrouble } from '../database/index.js';
import {
  BrokerError,
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  PoisonMessageError,
  TransactionDeadlineError,
  TxNoConflictError,
} from '../errors/index.js';

/**
 * What a failed consumption calls for.
 * - `INFRASTRUCTURE`: database or broker trouble; again for ever, it never becomes a dead letter.
 * - `HANDLER`: the handler failed; again until the attempts are used up.
 * - `POISON`, `TX_NO_CONFLICT`: will fail at every delivery; dead letter at once.
 */
export type FailureKind = 'INFRASTRUCTURE' | 'HANDLER' | 'POISON' | 'TX_NO_CONFLICT';

/** The one place that decides it. */
export function classifyFailure(error: unknown): FailureKind {
  if (error instanceof PoisonMessageError) return 'POISON';
  if (error instanceof TxNoConflictError) return 'TX_NO_CONFLICT';
  if (error instanceof TransactionDeadlineError)
    return error.waitedForDatabase ? 'INFRASTRUCTURE' : 'HANDLER';
  const isInfrastructure =
    error instanceof DatabaseUnavailableError ||
    error instanceof CommitOutcomeUnknownError ||
    error instanceof BrokerError ||
    isDatabaseTrouble(error);
  return isInfrastructure ? 'INFRASTRUCTURE' : 'HANDLER';
}

const HANDLER_DELAY_MAX_MS = 60_000;
/** Short, so that work resumes soon after the database is back. */
const INFRASTRUCTURE_DELAY_MAX_MS = 5000;

/** Exponential from 1 s, with jitter of a fifth so that neighbours do not come back together. */
export function retryDelayMs(kind: 'INFRASTRUCTURE' | 'HANDLER', attempt: number): number {
  const max = kind === 'HANDLER' ? HANDLER_DELAY_MAX_MS : INFRASTRUCTURE_DELAY_MAX_MS;
  const base = Math.min(max, 1000 * 2 ** Math.min(attempt - 1, 16));
  return Math.round(base * (0.9 + Math.random() * 0.2));
}
