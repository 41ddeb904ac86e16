import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { pendingChanges, readSchemaScript, type SchemaChange, type SchemaScript } from 'txmsg/schema';
import { schemaOf } from '../../../txmsg/test/schema-of.js';

const REPOSITORY = new URL('../../../../', import.meta.url);
const LIBRARIES = readdirSync(new URL('libs/', REPOSITORY)).map((library) => `libs/${library}/`);
/** Every script with tables, by its path. */
const SCRIPTS = ['sql/', ...LIBRARIES.map((library) => `${library}sql/`)]
  .filter((folder) => existsSync(new URL(folder, REPOSITORY)))
  .flatMap((folder) => readdirSync(new URL(folder, REPOSITORY)).map((file) => `${folder}${file}`))
  .filter((path) => readScript(path).tables.length > 0);
/**
 * The tables as they first were, one file for each script: those of the first version of all beside their library's tests,
 * all others here. A new table's definition is copied here when it is first merged, and nothing in there is ever changed:
 * whatever changes later has a migration.
 */
const FIRST_TABLES = [
  ...LIBRARIES.map((library) => `${library}test/first-schema/`),
  'libs/service/test/first-tables/',
];

function readScript(path: string): SchemaScript {
  const file = new URL(path, REPOSITORY);
  return readSchemaScript(existsSync(file) ? readFileSync(file, 'utf8') : '');
}

function firstTables(file: string): SchemaScript['tables'] {
  return FIRST_TABLES.flatMap((folder) => readScript(`${folder}${file}`).tables);
}

describe.each(SCRIPTS)('the tables of %s', (path) => {
  const script = readScript(path);
  const first = firstTables(path.split('/').at(-1) ?? '');
  const databases = new Map<string, Connection>();

  const open = async (label: string, tables: SchemaScript['tables']): Promise<Connection> => {
    const connection = await createConnection(process.env.MYSQL_ROOT_URL ?? '');
    const name = `schema_changes_${label}_${randomBytes(4).toString('hex')}`;
    databases.set(name, connection);
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await connection.query(`USE ${name}`);
    for (const { statement } of tables) await connection.query(statement);
    return connection;
  };
  const pendingAt = (connection: Connection): Promise<SchemaChange[]> =>
    pendingChanges(async (sql) => (await connection.query<RowDataPacket[]>(sql))[0], script);
  const bringUpToDate = async (connection: Connection): Promise<void> => {
    for (const { statement } of await pendingAt(connection)) await connection.query(statement);
    expect(await pendingAt(connection)).toEqual([]);
  };

  afterAll(async () => {
    for (const [name, connection] of databases) {
      await connection.query(`DROP DATABASE IF EXISTS ${name}`);
      await connection.end();
    }
  });

  it('are kept as they first were, each of them', () => {
    const namesOf = (tables: SchemaScript['tables']): string[] => tables.map(({ name }) => name).sort();
    expect(namesOf(first)).toEqual(namesOf(script.tables));
  });

  it('become those of a new database by what status names, as they first were', async () => {
    const old = await open('first', first);
    const fresh = await open('fresh', script.tables);
    expect(await pendingAt(fresh)).toEqual([]);
    await bringUpToDate(old);
    expect(await schemaOf(old)).toEqual(await schemaOf(fresh));
  });
});
