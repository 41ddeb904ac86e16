import { NOTHING_TO_DO, tableOf, type SchemaChange, type SchemaScript } from './schema-script.js';

/** Runs a statement in the database that is looked at, and gives the rows. */
export type SchemaQuery = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/**
 * What the database of `query` still needs of the script: tables that are missing, then migrations. It reads
 * `information_schema` only, in which an account sees every table that it may use.
 * @throws what `query` throws
 */
export async function pendingChanges(query: SchemaQuery, script: SchemaScript): Promise<SchemaChange[]> {
  const rows = await query(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()',
  );
  const present = new Set(rows.map(({ name }) => String(name)));
  const missing = script.tables.filter(({ name }) => !present.has(name));
  const changes: SchemaChange[] = missing.map(({ name, statement }) => ({
    name,
    why: 'the table is missing',
    statement,
  }));
  // A table that is yet to be made is made with all that it needs.
  for (const { name, why, expression } of script.migrations.filter((it) => present.has(tableOf(it.name)))) {
    const [row] = await query(`SELECT ${expression} AS statement`);
    const statement = String(row?.statement);
    if (statement !== NOTHING_TO_DO) changes.push({ name, why, statement });
  }
  return changes;
}
