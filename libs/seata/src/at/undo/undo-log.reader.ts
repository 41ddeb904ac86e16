import { LosslessNumber, parse } from 'lossless-json';
import { UndoLogDamagedError } from '../../errors/at.errors.js';

/** One value, as it is written. */
export interface WrittenField {
  readonly name: string;
  readonly jdbcType: number;
  readonly value: unknown;
}

export type WrittenRow = readonly WrittenField[];

/** One statement's change, as it is written. */
export interface WrittenChange {
  readonly sqlType: 'INSERT' | 'UPDATE' | 'DELETE';
  /** The table's database, when the statement named one. */
  readonly schema: string | undefined;
  readonly tableName: string;
  readonly before: readonly WrittenRow[];
  readonly after: readonly WrittenRow[];
}

/**
 * The changes of a branch, in the order in which they were made.
 * @throws UndoLogDamagedError when this is no undo log of `xid`
 */
export function readUndoLog(content: Buffer, xid: string, branchId: string): WrittenChange[] {
  const log = objectIn(parsed(content), 'the undo log');
  if (log.xid !== xid || numberIn(log.branchId) !== branchId) {
    throw new UndoLogDamagedError(`it belongs to branch ${String(numberIn(log.branchId))} of another xid`);
  }
  return listIn(log.sqlUndoLogs, 'sqlUndoLogs').map((item) => {
    const change = objectIn(item, 'a change');
    return {
      sqlType: sqlTypeIn(change.sqlType),
      ...tableIn(change.tableName),
      before: rowsIn(change.beforeImage),
      after: rowsIn(change.afterImage),
    };
  });
}

function parsed(content: Buffer): unknown {
  try {
    return parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (error) {
    throw new UndoLogDamagedError('it is no JSON', { cause: error });
  }
}

function objectIn(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new UndoLogDamagedError(`${what} is no object`);
}

/** Java writes a list as `[class, items]`, null where there is none. */
function listIn(value: unknown, what: string): unknown[] {
  const items = Array.isArray(value) && value.length === 2 ? (value[1] as unknown) : undefined;
  if (Array.isArray(items)) return items as unknown[];
  throw new UndoLogDamagedError(`${what} is no list`);
}

function rowsIn(image: unknown): WrittenRow[] {
  if (image === null) return [];
  return listIn(objectIn(image, 'an image').rows, 'the rows of an image').map((row) =>
    listIn(objectIn(row, 'a row').fields, 'the fields of a row').map((item) => {
      const field = objectIn(item, 'a field');
      const jdbcType = numberIn(field.type);
      if (typeof field.name !== 'string' || jdbcType === undefined || field.value === undefined) {
        throw new UndoLogDamagedError('a field lacks its name, its type or its value');
      }
      return { name: unquoted(field.name), jdbcType: Number(jdbcType), value: field.value };
    }),
  );
}

function sqlTypeIn(value: unknown): WrittenChange['sqlType'] {
  if (value === 'INSERT' || value === 'UPDATE' || value === 'DELETE') return value;
  throw new UndoLogDamagedError(`it has a change of the type ${JSON.stringify(value)}`);
}

const TABLE = /^(?:(`(?:[^`]|``)+`|[^`.]+)\.)?(`(?:[^`]|``)+`|[^`.]+)$/;

/** Java writes the name as its statement did: `purse`, `db2.purse`, with or without backticks. */
function tableIn(value: unknown): Pick<WrittenChange, 'schema' | 'tableName'> {
  const [, schema, tableName] = (typeof value === 'string' ? TABLE.exec(value) : null) ?? [];
  if (tableName === undefined) throw new UndoLogDamagedError('a change names no table');
  return { schema: schema === undefined ? undefined : unquoted(schema), tableName: unquoted(tableName) };
}

const unquoted = (name: string): string => name.replace(/^`(.*)`$/, '$1').replaceAll('``', '`');

function numberIn(value: unknown): string | undefined {
  return value instanceof LosslessNumber ? value.value : undefined;
}
