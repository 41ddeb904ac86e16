import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createConnection, type Connection } from 'mysql2/promise';

const SCRIPT = new URL('../sql/seata.sql', import.meta.url);

/** A database of this test file's own, with the library's tables and what `sql` makes besides. @returns its URL */
export async function createSeataDatabase(label: string, sql = ''): Promise<string> {
  const root = process.env.MYSQL_ROOT_URL;
  if (root === undefined) throw new Error('MYSQL_ROOT_URL is not set: run the tests with "npm test".');
  const url = new URL(root);
  const name = `seata_${label}_${randomBytes(4).toString('hex')}`;
  const connection = await createConnection({ uri: url.href, multipleStatements: true });
  try {
    await connection.query(`CREATE DATABASE ${name}; USE ${name};`);
    await connection.query(`${await readFile(SCRIPT, 'utf8')}${sql}`);
  } finally {
    await connection.end();
  }
  url.pathname = `/${name}`;
  return url.href;
}

/** A connection that has nothing to do with what is tested: it sees what the database has. */
export function openSeataDatabase(url: string): Promise<Connection> {
  return createConnection({
    uri: url,
    decimalNumbers: false,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
}
