import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import mysql from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { mysqlDataSourceOptions } from '../src/database/index.js';

const SCHEMA = new URL('../sql/txmsg.sql', import.meta.url);

/** The URL of the real MySQL server's administrator, which `npm test` provides. */
export function requiredEnvironment(
  name: 'MYSQL_ROOT_URL' | 'ROCKETMQ_ENDPOINTS' | 'ROCKETMQ_NAMESRV',
): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(
      `${name} is not set: run the tests with "npm test", or take it from "npm run stack -- env".`,
    );
  }
  return value;
}

/**
 * A database of this test file's own, with the library's tables and a table `effect` for what handlers do.
 * @param characterSet - the database's own
 */
export async function createLibraryDatabase(
  label: string,
  schema = SCHEMA,
  characterSet = 'utf8mb4',
): Promise<string> {
  const url = new URL(requiredEnvironment('MYSQL_ROOT_URL'));
  const name = `txmsg_${label}_${randomBytes(4).toString('hex')}`;
  const connection = await mysql.createConnection({ uri: url.href, multipleStatements: true });
  try {
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET ${characterSet}; USE ${name};`);
    await connection.query(await readFile(schema, 'utf8'));
    await connection.query(
      'CREATE TABLE effect (id BIGINT AUTO_INCREMENT PRIMARY KEY, tx_no VARCHAR(64) NOT NULL, note VARCHAR(100) NOT NULL)',
    );
  } finally {
    await connection.end();
  }
  url.pathname = `/${name}`;
  return url.href;
}

/** What a busy machine may need for a handshake. */
export const CONNECT_TIMEOUT_MS = 30_000;

export async function openDataSource(url: string, connectionLimit = 10): Promise<DataSource> {
  const options = mysqlDataSourceOptions(url, { connectionLimit, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  return new DataSource({ ...options }).initialize();
}
