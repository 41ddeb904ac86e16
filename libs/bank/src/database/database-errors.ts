import { DatabaseUnavailableError, TransactionDeadlineError } from 'txmsg';
import { isDatabaseTrouble } from 'txmsg/building-blocks';

interface DriverError {
  readonly errno?: unknown;
  readonly driverError?: unknown;
  readonly cause?: unknown;
}

/** 1062: the key is taken. */
export function isDuplicateKey(error: unknown): boolean {
  return someDriverError(error, ({ errno }) => errno === 1062);
}

/**
 * The connection could not be made, was lost or is frozen, or the database is in trouble of its own; the statement
 * itself is not at fault.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseUnavailableError) return true;
  if (error instanceof TransactionDeadlineError && error.waitedForDatabase) return true;
  return someDriverError(error, isDatabaseTrouble);
}

/** TypeORM and txmsg wrap what mysql2 threw. */
function someDriverError(error: unknown, matches: (error: DriverError) => boolean): boolean {
  let current = error as DriverError | null | undefined;
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth++) {
    if (matches(current)) return true;
    current = (current.driverError ?? current.cause) as DriverError | undefined;
  }
  return false;
}
