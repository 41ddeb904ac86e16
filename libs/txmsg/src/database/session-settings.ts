import { withDeadline } from '../deadline/with-deadline.js';
import { DatabaseUnavailableError } from '../errors/index.js';

/**
 * What the code relies on in every session, whatever the server's defaults are; docs/MYSQL.md says what goes wrong
 * without each. None of these needs a privilege.
 */
export const SESSION_SETTINGS: Readonly<Record<string, string | number>> = {
  // Strict: a value that does not fit is an error, never cut. Backslashes escape, as mysql2 assumes when it escapes.
  sql_mode:
    'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
  // Without autocommit, a read outside of a transaction would open a snapshot and keep reading from it.
  autocommit: 1,
  // CHAIN would begin another transaction after COMMIT; RELEASE would close the connection.
  completion_type: 'NO_CHAIN',
  // No gap locks, so that looking for an absent barrier row blocks no insert.
  transaction_isolation: 'READ-COMMITTED',
  transaction_read_only: 0,
  // By default a frozen or half-open client keeps its locks for 8 hours; TCP keep-alive does not notice a stopped process.
  // Longer than any transaction's deadline.
  wait_timeout: 15,
  // In whole seconds; after that the library tries the transaction again.
  innodb_lock_wait_timeout: 2,
  // For a table that is being altered; a year by default.
  lock_wait_timeout: 15,
  time_zone: '+00:00',
  // Deadlines are the library's. The server's would hit some statements and not others.
  max_execution_time: 0,
  sql_select_limit: '18446744073709551615',
  sql_big_selects: 1,
  sql_safe_updates: 0,
  // `id IS NULL` would find the row that was inserted last.
  sql_auto_is_null: 0,
  // Longer than every column that is sorted by.
  max_sort_length: 1024,
  unique_checks: 1,
  foreign_key_checks: 1,
};

/** Everything in one statement: one round trip for each new connection. */
export function sessionStatement(changes: Readonly<Record<string, string | number>> = {}): string {
  const assignments = Object.entries({ ...SESSION_SETTINGS, ...changes }).map(
    ([name, value]) =>
      `SESSION ${name} = ${typeof value === 'string' && !/^\d+$/.test(value) ? `'${value}'` : value}`,
  );
  // A server may be told to ignore the character set that clients ask for.
  return `SET NAMES utf8mb4 COLLATE utf8mb4_general_ci, ${assignments.join(', ')}`;
}

/** The part of a mysql2 pool connection that is used here. */
export interface DriverConnection {
  readonly config?: { readonly connectTimeout?: number };
  readonly stream?: { destroy(error?: Error): unknown };
  promise(): { query(sql: string, parameters?: unknown[]): Promise<[unknown, unknown]> };
  on(event: 'error', listener: (error: Error) => void): unknown;
  destroy(): void;
}

const PIN_TIMEOUT_MS = 10_000;
const STATEMENT = sessionStatement();

/** For each connection, the call that sets its settings, so that it is made once. */
const pinned = new WeakMap<DriverConnection, Promise<void>>();

/**
 * Sets the session settings, once for each connection.
 * @throws DatabaseUnavailableError when the server does not answer in time, else its refusal; the connection is closed then
 */
export function pinSession(connection: DriverConnection): Promise<void> {
  const known = pinned.get(connection);
  if (known !== undefined) return known;
  // Without a listener a connection that breaks while nobody uses it would end the process.
  connection.on('error', () => undefined);
  const timeoutMs = connection.config?.connectTimeout ?? PIN_TIMEOUT_MS;
  const pinning = withDeadline(
    connection.promise().query(STATEMENT),
    timeoutMs,
    () =>
      new DatabaseUnavailableError(
        `the server took the connection, but did not answer within ${timeoutMs} ms`,
      ),
  ).then(
    () => undefined,
    (error: unknown) => {
      closeNow(connection);
      throw error;
    },
  );
  pinned.set(connection, pinning);
  return pinning;
}

/**
 * Closes the socket, and fails every statement that has no answer; the server rolls back what was open. mysql2's `destroy`
 * alone sends a farewell and waits for the server, indefinitely when that is frozen, and never calls back the statements that
 * are under way (mysql2 3.24.5; tests: "leaves no socket behind when the server is frozen", "fails the statement that a
 * handler waits for").
 */
export function closeNow(connection: DriverConnection): void {
  connection.stream?.destroy(new ConnectionClosedError());
  connection.destroy();
}

/** The same code as the driver's own error for a lost connection. */
class ConnectionClosedError extends Error {
  readonly code = 'PROTOCOL_CONNECTION_LOST';
  readonly fatal = true;

  constructor() {
    super('The connection was closed while the statement had no answer.');
  }
}
