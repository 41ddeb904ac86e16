import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { writeFileAtomically } from './atomic-file.js';
import { readSecret } from './secret-file.js';
import { StackError } from './stack-error.js';
import type { StackPaths } from './stack-paths.js';

const CONNECT_TIMEOUT_MS = 2000;

/**
 * The address of the stack's MySQL for root. The password is the stack's own, so that programs of another checkout,
 * which think that this server is theirs, are refused. A stack that no `up` of this version has seen has none.
 */
export function mysqlRootUrl(paths: StackPaths, port: number): string {
  const password = readSecret(paths.mysqlRootPassword);
  return `mysql://root${password === undefined ? '' : `:${password}`}@127.0.0.1:${port}`;
}

/**
 * MySQL runs this file whenever it starts, before anybody can connect: root has this password then, whatever it had
 * before (a data folder of an earlier version has none). The file's name says which password, so that a server that
 * runs with another is seen to be started otherwise, and is restarted by `up`.
 */
export function rootPasswordFile(paths: StackPaths): { path: string; write: () => void } | undefined {
  const password = readSecret(paths.mysqlRootPassword);
  if (password === undefined) return undefined;
  const hash = createHash('sha256').update(password).digest('hex').slice(0, 16);
  const path = join(paths.configuration, `mysql-root-${hash}.sql`);
  return {
    path,
    write: () => {
      writeFileAtomically(path, rootStatements(password));
    },
  };
}

/** Each on one line, as MySQL wants it. Without name resolution 127.0.0.1 is not `localhost`. */
function rootStatements(password: string): string {
  const identified = `IDENTIFIED BY '${password}'`;
  return [
    `CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' ${identified};`,
    `ALTER USER 'root'@'127.0.0.1' ${identified};`,
    `ALTER USER 'root'@'localhost' ${identified};`,
    "GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;",
    '',
  ].join('\n');
}

/** @throws StackError when another MySQL than this stack's answers; any other error when none does yet */
export async function answersAsOurs(paths: StackPaths, port: number): Promise<boolean> {
  const dataFolder = await dataFolderAt(mysqlRootUrl(paths, port)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ER_ACCESS_DENIED_ERROR') throw error;
    throw foreignServer(port, `refuses the password in ${paths.mysqlRootPassword}`);
  });
  if (realPath(dataFolder) === realPath(paths.mysqlData)) return true;
  throw foreignServer(port, `has its data in ${dataFolder}, not in ${paths.mysqlData}`);
}

async function dataFolderAt(url: string): Promise<string> {
  const connection = await createConnection({ ...parseMysqlUrl(url), connectTimeout: CONNECT_TIMEOUT_MS });
  try {
    const [rows] = await connection.query<RowDataPacket[]>({
      sql: 'SELECT @@datadir AS folder',
      timeout: CONNECT_TIMEOUT_MS,
    });
    return String(rows[0]?.folder);
  } finally {
    connection.destroy();
  }
}

function foreignServer(port: number, what: string): StackError {
  return new StackError(
    `The MySQL at 127.0.0.1:${port} is not this stack's: it ${what}. Is it of another checkout? "npm run stack -- ` +
      'down" and "up" choose ports that are free.',
  );
}

/** As it is spelled when it is not there. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
