import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { createConnection, type Connection } from 'mysql2';
import type { BankSettings } from '../configuration/bank-settings.js';
import { StartupError } from './startup.error.js';

const ATTEMPT_TIMEOUT_MS = 2000;
const PAUSE_MS = 500;

/** Waiting does not mend these: the account, the database or its tables are wrong. */
const LASTING_ERRORS: Readonly<Record<string, string>> = {
  ER_ACCESS_DENIED_ERROR: 'it refuses the user or password of MYSQL_URL',
  ER_DBACCESS_DENIED_ERROR: 'the user of MYSQL_URL has no rights on it',
  ER_BAD_DB_ERROR: 'it does not exist; create it with the scripts in sql/',
  ER_NO_SUCH_TABLE: 'it has no tables; create them with the scripts in sql/',
};

/**
 * Waits until the database answers and has its tables.
 * @throws StartupError when it does not within the time that the settings allow
 */
export async function waitForDatabase(settings: BankSettings): Promise<void> {
  const endsAtMs = performance.now() + settings.databaseStartTimeoutMs;
  const place = placeOf(settings.mysqlUrl);
  for (let attempt = 1; ; attempt++) {
    const remainingMs = endsAtMs - performance.now();
    const failure = await tryDatabase(
      settings.mysqlUrl,
      Math.min(ATTEMPT_TIMEOUT_MS, Math.max(remainingMs, 100)),
    );
    if (failure === undefined) return;
    const lasting = LASTING_ERRORS[failure];
    if (lasting !== undefined) throw new StartupError(`Its database ${place} cannot be used: ${lasting}.`);
    if (remainingMs <= PAUSE_MS) {
      const seconds = settings.databaseStartTimeoutMs / 1000;
      throw new StartupError(`Its database ${place} did not answer within ${seconds} s (${failure}).`);
    }
    if (attempt === 1) new Logger('Startup').warn(`Waiting for the database ${place} (${failure}).`);
    await delay(PAUSE_MS);
  }
}

/** Undefined when all is well, else the driver's code of what went wrong. */
async function tryDatabase(uri: string, timeoutMs: number): Promise<string | undefined> {
  const connection = createConnection({ uri, connectTimeout: timeoutMs });
  const timer = setTimeout(() => {
    connection.destroy();
  }, timeoutMs);
  try {
    return await Promise.race([firstFailure(connection), delay(timeoutMs, 'no answer')]);
  } finally {
    clearTimeout(timer);
    connection.destroy();
  }
}

function firstFailure(connection: Connection): Promise<string | undefined> {
  return new Promise((resolve) => {
    connection.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    connection.query('SELECT 1 FROM account_info LIMIT 0', (error) => {
      resolve(error ? error.code || error.message : undefined);
    });
  });
}

/** Without the password, and without the user's name. */
function placeOf(mysqlUrl: string): string {
  const { host, pathname } = new URL(mysqlUrl);
  return `${host}${pathname}`;
}
