import type { InsertedValue, InsertStatement } from '../sql/statement.js';
import { refusalOf, type Refuse } from '../sql/statement.rules.js';
import type { ColumnMetadata, TableMetadata } from '../table/table-metadata.js';
import type { AtValue } from '../image/at-value.js';

/** A part of a primary key: known before the statement runs, or given by AUTO_INCREMENT. */
type KeyPart = { readonly kind: 'KNOWN'; readonly value: AtValue } | { readonly kind: 'AUTO_INCREMENT' };

/** The primary keys of an INSERT's rows, as far as they are known before it runs. */
export interface InsertedKeys {
  readonly rows: readonly (readonly KeyPart[])[];
}

/** @throws AtStatementRefusedError when a key cannot be known */
export function insertedKeysOf(
  statement: InsertStatement,
  table: TableMetadata,
  parameters: readonly unknown[],
): InsertedKeys {
  const refuse = refusalOf(statement.sql);
  const names = (statement.columns ?? table.columns.map(({ name }) => name)).map((name) =>
    name.toLowerCase(),
  );
  const rows = statement.values.map((values) => {
    if (values.length !== names.length && values.length > 0) {
      refuse('a row has another number of values than there are columns', 'Give each column a value.');
    }
    return table.primaryKey.map((column) =>
      keyPart(column, values[names.indexOf(column.name.toLowerCase())], parameters, refuse),
    );
  });
  const automatic = rows.filter((row) => row.some(({ kind }) => kind === 'AUTO_INCREMENT')).length;
  if (automatic > 0 && automatic < rows.length) {
    refuse('some of its rows get their key from AUTO_INCREMENT and others do not', 'Insert them separately.');
  }
  return { rows };
}

/** @param increment - the session's auto_increment_increment: rows of one INSERT get keys that are so far apart */
export function keysAfterInsert({ rows }: InsertedKeys, insertId: string, increment: bigint): AtValue[][] {
  return rows.map((row, index) =>
    row.map((part) =>
      part.kind === 'KNOWN' ? part.value : (BigInt(insertId) + increment * BigInt(index)).toString(),
    ),
  );
}

function keyPart(
  column: ColumnMetadata,
  value: InsertedValue | undefined,
  parameters: readonly unknown[],
  refuse: Refuse,
): KeyPart {
  const given = value?.kind === 'PARAMETER' ? parameters[value.index] : undefined;
  const text = value?.kind === 'LITERAL' ? value.text : textOfKey(given);
  const isLeftOut =
    value === undefined ||
    value.kind === 'DEFAULT' ||
    value.kind === 'NULL' ||
    (value.kind === 'PARAMETER' && given == null);
  // AUTO_INCREMENT takes zero for a missing value.
  if (column.isAutoIncrement && (isLeftOut || text === '0')) return { kind: 'AUTO_INCREMENT' };
  if (text === undefined || isLeftOut) {
    return refuse(
      `the primary key's column "${column.name}" gets a value that is not known before it runs`,
      'Pass it as a parameter of text or digits.',
    );
  }
  if (column.kind === 'integer' && !/^-?\d+$/.test(text)) {
    return refuse(`"${text}" is no whole number for "${column.name}"`, 'Pass it in digits.');
  }
  if (column.kind === 'decimal' && !/^-?\d+(\.\d+)?$/.test(text)) {
    return refuse(`"${text}" is no number for "${column.name}"`, 'Pass it in digits.');
  }
  return { kind: 'KNOWN', value: text };
}

function textOfKey(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'bigint') return String(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}
