import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { createLibraryDatabase } from '../../test/library-database.js';
import { schemaOf } from '../../test/schema-of.js';
import { pendingChanges, type SchemaQuery } from './pending-changes.js';
import { readSchemaScript, type SchemaChange } from './schema-script.js';

const SCRIPT = new URL('../../sql/txmsg.sql', import.meta.url);
/** The library's tables as they first were. */
const FIRST_SCRIPT = new URL('../../test/first-schema/txmsg.sql', import.meta.url);

describe('the tables of a database that the first version made', () => {
  let script: string;
  let old: Connection;
  let fresh: Connection;

  const query: SchemaQuery = async (sql) => (await old.query<RowDataPacket[]>(sql))[0];
  const pending = (): Promise<SchemaChange[]> => pendingChanges(query, readSchemaScript(script));
  const open = async (label: string, file: URL): Promise<Connection> =>
    createConnection({ uri: await createLibraryDatabase(label, file), multipleStatements: true });

  beforeAll(async () => {
    script = await readFile(SCRIPT, 'utf8');
    old = await open('first_schema', FIRST_SCRIPT);
    fresh = await open('fresh_schema', SCRIPT);
  });
  afterAll(async () => {
    await old.end();
    await fresh.end();
  });

  it('lack what was added since, and get it from the statements that are pending', async () => {
    const { migrations, tables } = readSchemaScript(script);
    const firstTables = readSchemaScript(await readFile(FIRST_SCRIPT, 'utf8')).tables.map(({ name }) => name);
    const changes = await pending();
    expect(changes.map(({ name }) => name)).toEqual([
      ...tables.map(({ name }) => name).filter((name) => !firstTables.includes(name)),
      ...migrations
        .map(({ name }) => name)
        .filter((name) => firstTables.some((it) => name.startsWith(`${it}.`)))
        // Of the database, whose own character set is utf8mb4: see character-set.int-spec.ts.
        .filter((name) => !name.endsWith('.utf8mb4')),
    ]);
    expect(changes.map(({ name }) => name)).toContain('local_message.state_topic_next_attempt_at');
    for (const { statement } of changes) await old.query(statement);
    await expect(pending()).resolves.toEqual([]);
    await expect(schemaOf(old)).resolves.toEqual(await schemaOf(fresh));
  });

  it('become those of a new database when the script runs again, as often as it likes', async () => {
    const other = await open('rerun_schema', FIRST_SCRIPT);
    try {
      await other.query("INSERT INTO local_message (topic, tx_no, body) VALUES ('t', '1', '{}')");
      for (let run = 1; run <= 2; run += 1) {
        await other.query(script);
        await expect(schemaOf(other)).resolves.toEqual(await schemaOf(fresh));
      }
      const [rows] = await other.query<RowDataPacket[]>('SELECT tx_no FROM local_message');
      expect(rows).toEqual([{ tx_no: '1' }]);
    } finally {
      await other.end();
    }
  });

  it('are missed by name', async () => {
    await old.query('DROP TABLE dead_letter_action, local_message');
    const changes = await pending();
    expect(changes.map(({ name }) => name)).toEqual(['local_message', 'dead_letter_action']);
    for (const { statement } of changes) await old.query(statement);
    await expect(schemaOf(old)).resolves.toEqual(await schemaOf(fresh));
  });
});
