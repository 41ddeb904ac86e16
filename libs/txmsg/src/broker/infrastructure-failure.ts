import { anyCause, isDatabaseTrouble } from '../database/index.js';
import {
  BrokerError,
  BrokerNotReadyError,
  BrokerTimeoutError,
  BrokerUnavailableError,
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  TransactionDeadlineError,
} from '../errors/index.js';

/**
 * True when the database or the broker is at fault and not the code that met it, so that the same work may succeed later;
 * also when that code has sent a message, and throws what the sender told it. Not when the broker has answered the sender and
 * refuses the message: it may refuse it every time.
 */
export function isInfrastructureFailure(error: unknown): boolean {
  return (
    isDatabaseTrouble(error) ||
    error instanceof BrokerError ||
    anyCause(
      error,
      (cause) =>
        cause instanceof BrokerTimeoutError ||
        cause instanceof BrokerUnavailableError ||
        cause instanceof BrokerNotReadyError ||
        cause instanceof CommitOutcomeUnknownError ||
        cause instanceof DatabaseUnavailableError ||
        (cause instanceof TransactionDeadlineError && cause.waitedForDatabase),
    )
  );
}
