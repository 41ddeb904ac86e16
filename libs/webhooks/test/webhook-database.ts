import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'mysql2/promise';

const SCRIPT = new URL('../sql/webhooks.sql', import.meta.url);

/**
 * A database of this test file's own, with the library's tables.
 * @param characterSet - the database's own
 */
export async function createWebhookDatabase(label: string, characterSet = 'utf8mb4'): Promise<string> {
  const root = process.env.MYSQL_ROOT_URL;
  if (root === undefined) throw new Error('MYSQL_ROOT_URL is not set: run the tests with "npm test".');
  const url = new URL(root);
  const name = `webhooks_${label}_${randomBytes(4).toString('hex')}`;
  const connection = await createConnection({ uri: url.href, multipleStatements: true });
  try {
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET ${characterSet}; USE ${name};`);
    await connection.query(await readFile(SCRIPT, 'utf8'));
  } finally {
    await connection.end();
  }
  url.pathname = `/${name}`;
  return url.href;
}
