import type { ColumnKind } from '../table/column-kind.js';
import { quotedName } from '../sql/row-selection.js';

/**
 * A value as exact text, or NULL: numbers in digits, `0` and `1` for booleans, bytes in hex, dates and times as MySQL writes
 * them, TIMESTAMP in UTC. Nothing passes through a JavaScript number or Date, which would lose digits.
 */
export type AtValue = string | null;

/** An expression that reads a column so. */
export function readExpression(kind: ColumnKind, name: string): string {
  const column = quotedName(name);
  switch (kind) {
    case 'text':
      return column;
    case 'binary':
      return `LOWER(HEX(${column}))`;
    case 'bit':
      return `CAST(${column} + 0 AS CHAR)`;
    // MySQL shows a FLOAT with six digits, a DOUBLE with all.
    case 'float':
      return `CAST(CAST(${column} AS DOUBLE) AS CHAR)`;
    case 'integer':
    case 'boolean':
    case 'decimal':
    case 'double':
    case 'json':
    case 'date':
    case 'time':
    case 'datetime':
    case 'timestamp':
    case 'unsupported':
      return `CAST(${column} AS CHAR)`;
  }
}

/** A value in a statement: its text, and the parameter when its text has a placeholder. */
export interface SqlValue {
  readonly text: string;
  readonly parameters: readonly string[];
}

const INTEGER = /^-?\d+$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;
const FLOATING = /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/;

/**
 * Writes a value for a statement. Numbers stand in the text, so that MySQL compares them as numbers of their own type: as
 * texts they would be compared as floating point.
 * @throws Error when the text is none of its kind
 */
export function sqlValue(kind: ColumnKind, value: AtValue): SqlValue {
  if (value === null) return { text: 'NULL', parameters: [] };
  switch (kind) {
    case 'integer':
    case 'boolean':
    case 'bit':
      return inline(value, INTEGER);
    case 'decimal':
      return inline(value, DECIMAL);
    case 'float':
    case 'double':
      return inline(value, FLOATING);
    case 'json':
      return { text: 'CAST(? AS JSON)', parameters: [value] };
    case 'binary':
      return { text: 'UNHEX(?)', parameters: [value] };
    case 'text':
    case 'date':
    case 'time':
    case 'datetime':
    case 'timestamp':
      return { text: '?', parameters: [value] };
    case 'unsupported':
      throw new Error('values of this type cannot be put back for certain');
  }
}

function inline(value: string, pattern: RegExp): SqlValue {
  if (!pattern.test(value)) throw new Error(`"${value.slice(0, 40)}" is no number of its type`);
  return { text: value, parameters: [] };
}

/** Whether two texts are the same value of a column: `1.50` and `1.5`, `10:00:00` and `10:00:00.000`. */
export function sameValue(kind: ColumnKind, first: AtValue, second: AtValue): boolean {
  return first === second || comparable(kind, first) === comparable(kind, second);
}

/** The same text for the same value of a column. */
export function comparable(kind: ColumnKind, value: AtValue): AtValue {
  if (value === null) return null;
  switch (kind) {
    case 'decimal':
    case 'datetime':
    case 'timestamp':
    case 'time':
      return value.includes('.') ? value.replace(/\.?0+$/, '').replace(/^-0$/, '0') : value;
    case 'double':
      return String(Number(value));
    case 'float':
      return String(Math.fround(Number(value)));
    case 'integer':
    case 'boolean':
    case 'bit':
    case 'text':
    case 'json':
    case 'binary':
    case 'date':
    case 'unsupported':
      return value;
  }
}
