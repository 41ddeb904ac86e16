import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { createConnection, type Connection } from 'mysql2';
import { mysqlPlace, parseMysqlUrl, sessionStatement, type MysqlServer } from 'txmsg/mysql';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { StartupError } from './startup.error.js';

const TRY_TIMEOUT_MS = 2000;
/** Between two tries to reach a database that is away. */
export const DATABASE_PAUSE_MS = 500;

/** Waiting does not mend these: the account, the database, its tables or TLS are wrong. */
const LASTING_ERRORS: Readonly<Record<string, string>> = {
  ER_ACCESS_DENIED_ERROR: 'it refuses the user or password of MYSQL_URL',
  ER_DBACCESS_DENIED_ERROR: 'the user of MYSQL_URL has no rights on it',
  ER_BAD_DB_ERROR: 'it does not exist; create it with the scripts in sql/',
  ER_NO_SUCH_TABLE: 'it has no tables; create them with the scripts in sql/',
  ER_SECURE_TRANSPORT_REQUIRED: 'its server wants TLS; add ?ssl=true to MYSQL_URL',
  HANDSHAKE_NO_SSL_SUPPORT: 'MYSQL_URL asks for TLS, which its server does not speak',
  HANDSHAKE_SSL_ERROR: 'its server could not be trusted over TLS; see ssl and ssl-ca of MYSQL_URL',
};

interface Failure {
  /** The driver's code, or its message. */
  readonly code: string;
  readonly message: string;
}

/**
 * Waits until the database answers and has this table, which the scripts in sql/ make.
 * @throws StartupError when it does not within the time that the settings allow
 */
export async function waitForDatabase(settings: ServiceSettings, table: string): Promise<void> {
  const endsAtMs = performance.now() + settings.databaseStartTimeoutMs;
  const server = parseMysqlUrl(settings.mysqlUrl);
  const place = `${mysqlPlace(server)} (MYSQL_URL)`;
  for (let tries = 1; ; tries++) {
    const remainingMs = endsAtMs - performance.now();
    const timeoutMs = Math.min(TRY_TIMEOUT_MS, Math.max(remainingMs, 100));
    const failure = await tryDatabase(server, table, timeoutMs);
    if (failure === undefined) return;
    const lasting = LASTING_ERRORS[failure.code];
    if (lasting !== undefined) {
      const detail = failure.code.startsWith('HANDSHAKE_') ? ` (${failure.message})` : '';
      throw new StartupError(`Its database ${place} cannot be used: ${lasting}${detail}.`);
    }
    if (remainingMs <= DATABASE_PAUSE_MS) {
      const seconds = settings.databaseStartTimeoutMs / 1000;
      throw new StartupError(`Its database ${place} did not answer within ${seconds} s (${failure.code}).`);
    }
    if (tries === 1) new Logger('Startup').warn(`Waiting for the database ${place} (${failure.code}).`);
    await delay(DATABASE_PAUSE_MS);
  }
}

/** Undefined when all is well. */
async function tryDatabase(
  server: MysqlServer,
  table: string,
  timeoutMs: number,
): Promise<Failure | undefined> {
  const connection = createConnection({ ...server, connectTimeout: timeoutMs });
  const timer = setTimeout(() => {
    connection.destroy();
  }, timeoutMs);
  const silence = { code: 'no answer', message: 'no answer' };
  try {
    return await Promise.race([firstFailure(connection, table), delay(timeoutMs, silence)]);
  } finally {
    clearTimeout(timer);
    connection.destroy();
  }
}

function firstFailure(connection: Connection, table: string): Promise<Failure | undefined> {
  const failureOf = ({ code, message }: NodeJS.ErrnoException): Failure => ({
    code: code !== undefined && code !== '' ? code : message,
    message,
  });
  return new Promise((resolve) => {
    connection.on('error', (error: NodeJS.ErrnoException) => {
      resolve(failureOf(error));
    });
    const ask = (sql: string, onSuccess: () => void): void => {
      connection.query(sql, (error) => {
        if (error) resolve(failureOf(error));
        else onSuccess();
      });
    };
    // A server with a small `max_execution_time` would refuse the question itself.
    ask(sessionStatement(), () => {
      ask(`SELECT 1 FROM ${table} LIMIT 0`, () => {
        resolve(undefined);
      });
    });
  });
}
