import { columnTypeOf } from './column-kind.js';
import type { ColumnMetadata, TableMetadata } from './table-metadata.js';

/** Sends a statement on the connection of a transaction. */
export type Query = (sql: string, parameters?: unknown[]) => Promise<unknown>;

interface ColumnRow {
  readonly name: string;
  readonly dataType: string;
  readonly columnType: string;
  readonly extra: string;
  readonly generation: string;
  readonly keyPosition: string | number | null;
  /** Of the table, the same in every row. */
  readonly tableName: string;
  /** Null: a view. */
  readonly engine: string | null;
  readonly triggers: string | number;
  readonly cascades: string | number;
}

/** A row for each column. What belongs to the table stands in a derived table, which is read once and not for each column. */
const TABLE = `SELECT c.COLUMN_NAME AS name, c.DATA_TYPE AS dataType, c.COLUMN_TYPE AS columnType, c.EXTRA AS extra,
  COALESCE(c.GENERATION_EXPRESSION, '') AS generation, s.SEQ_IN_INDEX AS keyPosition,
  c.TABLE_NAME AS tableName, o.engine, o.triggers, o.cascades
  FROM information_schema.COLUMNS c LEFT JOIN information_schema.STATISTICS s
  ON s.TABLE_SCHEMA = c.TABLE_SCHEMA AND s.TABLE_NAME = c.TABLE_NAME AND s.COLUMN_NAME = c.COLUMN_NAME
  AND s.INDEX_NAME = 'PRIMARY'
  CROSS JOIN (SELECT
    (SELECT t.ENGINE FROM information_schema.TABLES t
      WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = ?) AS engine,
    (SELECT COUNT(*) FROM information_schema.TRIGGERS t
      WHERE t.EVENT_OBJECT_SCHEMA = DATABASE() AND t.EVENT_OBJECT_TABLE = ?) AS triggers,
    (SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS r
      WHERE r.UNIQUE_CONSTRAINT_SCHEMA = DATABASE() AND r.REFERENCED_TABLE_NAME = ?
      AND (r.DELETE_RULE NOT IN ('NO ACTION', 'RESTRICT') OR r.UPDATE_RULE NOT IN ('NO ACTION', 'RESTRICT'))) AS cascades
  ) AS o
  WHERE c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = ? ORDER BY c.ORDINAL_POSITION`;

/** All that a description is made of, to see whether it still holds. */
export async function readFingerprint(query: Query, table: string): Promise<string> {
  return JSON.stringify(await readRows(query, table));
}

async function readRows(query: Query, table: string): Promise<ColumnRow[]> {
  return (await query(TABLE, [table, table, table, table])) as ColumnRow[];
}

/** Undefined when the database has no such table. */
export async function readTableMetadata(query: Query, table: string): Promise<TableMetadata | undefined> {
  const rows = await readRows(query, table);
  const [found] = rows;
  if (found === undefined) return undefined;
  const name = found.tableName;
  const columns = rows.map(columnOf);
  const position = (column: ColumnMetadata): number =>
    Number(rows.find((row) => row.name === column.name)?.keyPosition ?? 0);
  const primaryKey = columns
    .filter(({ isPrimaryKey }) => isPrimaryKey)
    .sort((first, second) => position(first) - position(second));
  return {
    name,
    columns,
    primaryKey,
    obstacles: obstaclesOf(name, found, primaryKey),
    fingerprint: JSON.stringify(rows),
  };
}

function columnOf({ name, dataType, columnType, extra, generation, keyPosition }: ColumnRow): ColumnMetadata {
  const has = (word: string): boolean => extra.toLowerCase().includes(word);
  return {
    name,
    ...columnTypeOf(dataType, columnType),
    typeText: columnType,
    isPrimaryKey: keyPosition !== null,
    isAutoIncrement: has('auto_increment'),
    isGenerated: generation !== '',
    isOnUpdate: has('on update'),
  };
}

function obstaclesOf(name: string, found: ColumnRow, primaryKey: readonly ColumnMetadata[]): string[] {
  const obstacles: string[] = [];
  if (/[.,;:`]/.test(name))
    obstacles.push('its name has one of . , ; : ` in it, which undo logs and lock keys use');
  if (found.engine === null) obstacles.push('it is a view');
  else if (found.engine !== 'InnoDB') obstacles.push(`its engine is ${found.engine}, not InnoDB`);
  if (primaryKey.length === 0) obstacles.push('it has no primary key');
  if (primaryKey.some(({ isGenerated }) => isGenerated)) obstacles.push('its primary key is generated');
  if (Number(found.triggers) > 0) obstacles.push('it has a trigger, whose changes no image shows');
  if (Number(found.cascades) > 0)
    obstacles.push('a foreign key passes its changes on to another table, which no image shows');
  return obstacles;
}
