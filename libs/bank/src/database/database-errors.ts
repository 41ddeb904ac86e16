import { DatabaseUnavailableError, TransactionDeadlineError } from 'txmsg';

interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly fatal?: unknown;
  readonly driverError?: unknown;
  readonly cause?: unknown;
}

/** 1062: the key is taken. */
export function isDuplicateKey(error: unknown): boolean {
  return someDriverError(error, ({ errno }) => errno === 1062);
}

/** The connection could not be made, was lost or is frozen; the statement itself is not at fault. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseUnavailableError) return true;
  if (error instanceof TransactionDeadlineError && error.waitedForDatabase) return true;
  return someDriverError(error, ({ code, fatal }) => {
    if (fatal === true) return true;
    return (
      typeof code === 'string' &&
      /^(?:PROTOCOL_|ER_CON_COUNT|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(code)
    );
  });
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
