import { createHash } from 'node:crypto';
import { serviceNamed, type ServiceName } from '@txmsg/contracts';
import { createConnection, type Connection } from 'mysql2/promise';
import { mysqlPlace, parseMysqlUrl, sessionStatement } from 'txmsg/mysql';
import { scriptTexts } from './service-scripts.js';

/** The password that the scripts in sql/ give their accounts; for local development only. */
const LOCAL_PASSWORD = 'local-development-only';
/** MySQL allows 64 bytes for the name of a database, but 32 for that of an account. */
const ACCOUNT_NAME_LENGTH_MAX = 32;
const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Runs `sql/<service>.sql` and the library's script under another database name, with an account of its own for it.
 * Tests use it to have a database each; it may be repeated and changes no data that is there.
 *
 * @param rootUrl an account that may create databases and accounts
 * @returns the URL of the new database for its own, least-privileged account
 */
export async function createServiceDatabase(
  rootUrl: string,
  service: ServiceName,
  databaseName = serviceNamed(service).database,
): Promise<string> {
  assertDatabaseName(databaseName);
  const account = accountName(databaseName);
  await withRoot(rootUrl, async (connection) => {
    const { database } = serviceNamed(service);
    for (const script of scriptTexts(service)) {
      await connection.query(renameDatabase(script, database, databaseName, account));
    }
  });
  return databaseUrl(rootUrl, databaseName);
}

/** The URL under which the database's own account reaches it. */
export function databaseUrl(rootUrl: string, databaseName: string): string {
  const url = new URL(rootUrl);
  url.username = accountName(databaseName);
  url.password = LOCAL_PASSWORD;
  url.pathname = `/${databaseName}`;
  return url.href;
}

/** Removes what `createServiceDatabase` made; does nothing when it is not there. */
export async function dropServiceDatabase(rootUrl: string, databaseName: string): Promise<void> {
  assertDatabaseName(databaseName);
  await withRoot(rootUrl, async (connection) => {
    await connection.query(`DROP DATABASE IF EXISTS \`${databaseName}\``);
    await connection.query(`DROP USER IF EXISTS '${accountName(databaseName)}'@'%'`);
  });
}

/** The scripts name their database in backticks, and their account in quotes before `@` or after `User =`; nothing else so. */
export function renameDatabase(
  script: string,
  original: string,
  databaseName: string,
  account: string,
): string {
  return script
    .replaceAll(`ON \`${original}\`.*`, `ON \`${grantPattern(databaseName)}\`.*`)
    .replaceAll(`\`${original}\``, `\`${databaseName}\``)
    .replaceAll(`User = '${original}'`, `User = '${account}'`)
    .replaceAll(`''${original}''@`, `''${account}''@`)
    .replaceAll(`'${original}'@`, `'${account}'@`);
}

function accountName(databaseName: string): string {
  if (databaseName.length <= ACCOUNT_NAME_LENGTH_MAX) return databaseName;
  const hash = createHash('sha256').update(databaseName).digest('hex').slice(0, 12);
  return `${databaseName.slice(0, ACCOUNT_NAME_LENGTH_MAX - 13)}_${hash}`;
}

function assertDatabaseName(name: string): void {
  // MySQL's 64 bytes hold the pattern in GRANT too, where every `_` takes two.
  if (/^[A-Za-z0-9_]+$/.test(name) && grantPattern(name).length <= 64) return;
  throw new Error(
    `"${name}" is no database name for tests: letters, digits and _ were expected, together at most 64 with ` +
      'every _ counted twice',
  );
}

/** In GRANT a database's name is a pattern: a plain `_` matches any character, and so others' databases. */
function grantPattern(databaseName: string): string {
  return databaseName.replaceAll('_', '\\_');
}

async function withRoot(rootUrl: string, work: (connection: Connection) => Promise<void>): Promise<void> {
  const server = parseMysqlUrl(rootUrl);
  const options = { ...server, multipleStatements: true, connectTimeout: CONNECT_TIMEOUT_MS };
  const connection = await createConnection(options).catch((error: unknown) => {
    const reason = (error as Error).message;
    throw new Error(`No connection to MySQL at ${mysqlPlace(server)} could be had: ${reason}`, {
      cause: error,
    });
  });
  try {
    // The scripts rely on it as the services do: where autocommit is off, what they insert would be gone.
    await connection.query(sessionStatement());
    await work(connection);
  } finally {
    await connection.end();
  }
}
