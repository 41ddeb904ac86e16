/** A change that a database which is older than the script still needs. */
export interface SchemaChange {
  /** `table`, or `table.what` for a change to a table. */
  readonly name: string;
  /** The reason, in one line. */
  readonly why: string;
  /** Makes the change; to be run once. */
  readonly statement: string;
}

/** A guarded change: its expression gives the statement that is needed, or `DO 0` when the change has been made. */
export interface Migration {
  /** `table.what` */
  readonly name: string;
  /** The reason, in one line. */
  readonly why: string;
  /** SQL whose value is the statement to run. */
  readonly expression: string;
}

/** What a script makes, in its order. */
export interface SchemaScript {
  /** Each with its `CREATE TABLE IF NOT EXISTS`. */
  readonly tables: readonly { readonly name: string; readonly statement: string }[];
  /** Changes to tables of an earlier version. */
  readonly migrations: readonly Migration[];
}

/** What an expression gives when there is nothing to do. */
export const NOTHING_TO_DO = 'DO 0';

/** A table whose name is a word of SQL is in backticks. */
const TABLE = /^(CREATE TABLE IF NOT EXISTS `?(\w+)`? \([\s\S]*?\n\)[^;]*);/gm;
const MIGRATION =
  /^-- @migration (\w+\.\w+): (.+)\nSET @migration = ([\s\S]*?);\nPREPARE migration FROM @migration;\nEXECUTE migration;\nDEALLOCATE PREPARE migration;/gm;

/**
 * Reads a script that an administrator runs with the mysql client, so that its migrations are written once. The
 * script may be run again at any time: a table is made with `CREATE TABLE IF NOT EXISTS`, which changes no table
 * that is there already, and whatever was added to a table since has a migration of this form behind it:
 *
 *     -- @migration table.what: why, in one line
 *     SET @migration = IF(<has been made>, 'DO 0', '<statement>');
 *     PREPARE migration FROM @migration;
 *     EXECUTE migration;
 *     DEALLOCATE PREPARE migration;
 *
 * `<has been made>` looks into `information_schema`. No table of versions is kept: it would know nothing of the
 * databases that were made before it, and could disagree with the tables.
 * @throws Error when a migration has another form, or its table is not in the script
 */
export function readSchemaScript(text: string): SchemaScript {
  const tables = [...text.matchAll(TABLE)].map(([, statement = '', name = '']) => ({ name, statement }));
  const migrations = [...text.matchAll(MIGRATION)].map(([, name = '', why = '', expression = '']) => ({
    name,
    why,
    expression,
  }));
  const announced = text.match(/^-- @migration .*$/gm) ?? [];
  if (announced.length !== migrations.length) {
    throw new Error(
      `The script announces ${announced.length} migrations, and ${migrations.length} have the form that is read.`,
    );
  }
  for (const { name } of migrations) {
    if (tables.some((table) => table.name === tableOf(name))) continue;
    throw new Error(`The migration "${name}" is of a table that the script does not make.`);
  }
  return { tables, migrations };
}

/** The table that a change is about. */
export function tableOf(name: string): string {
  return name.split('.', 1)[0] ?? name;
}
