import { AtDirtyRowError } from '../../errors/at.errors.js';
import { sqlValue, type SqlValue } from '../image/at-value.js';
import { ImageQuery, keyCondition } from '../image/image.query.js';
import {
  differingColumns,
  keyOf,
  keyTextOf,
  rowsByKey,
  type Image,
  type ImageRow,
  type UndoEntry,
} from '../image/image.js';
import { quotedName } from '../sql/row-selection.js';
import type { Query } from '../table/table-metadata.reader.js';
import { storedColumns, type ColumnMetadata } from '../table/table-metadata.js';
import { headerOf, matchedRows } from '../phase-one/result-header.js';

/** Duplicate entry, foreign keys (parent and child), a CHECK: what others have stored since keeps the row from its place. */
const IN_THE_WAY = new Set([1062, 1216, 1217, 1451, 1452, 3819]);

/** Puts back what one change has changed, in the transaction of a rollback. */
export class RowRestorer {
  private readonly images: ImageQuery;

  constructor(
    private readonly query: Query,
    rowsMax: number,
  ) {
    this.images = new ImageQuery(query, rowsMax);
  }

  /**
   * Every row must be as it was after the change, or be back already; nothing is restored otherwise.
   * @throws AtDirtyRowError
   */
  async restore(entry: UndoEntry): Promise<void> {
    const { before, after } = entry;
    const known = before.rows.length > 0 ? before : after;
    const keys = known.rows.map((row) => keyOf(known, row));
    const current = await this.images.rowsOfKeys(known.table, known.columns, keys, true);
    const found = { current, currentRows: rowsByKey(current), beforeRows: rowsByKey(before) };
    const afterRows = rowsByKey(after);
    const work: (() => Promise<void>)[] = [];
    for (const row of known.rows) {
      const key = keyTextOf(known, row);
      const rowBefore = found.beforeRows.get(key);
      const rowNow = found.currentRows.get(key);
      if (isSame(before, rowBefore, current, rowNow)) continue;
      if (!isSame(after, afterRows.get(key), current, rowNow)) {
        throw dirtyRow(after, afterRows.get(key), current, rowNow, key);
      }
      work.push(() => this.putBack(entry, row, rowBefore));
    }
    await doAll(work);
  }

  /** @param row - has the key; @param rowBefore - undefined when there was none */
  private async putBack(
    { sqlType, before, after }: UndoEntry,
    row: ImageRow,
    rowBefore: ImageRow | undefined,
  ): Promise<void> {
    const image = rowBefore === undefined ? after : before;
    const { text, parameters } = this.statementFor(image, row, rowBefore, sqlType === 'DELETE');
    const key = keyTextOf(image, row);
    try {
      const header = headerOf(await this.query(text, [...parameters]));
      if (matchedRows(header, sqlType === 'UPDATE' ? 'UPDATE' : 'DELETE') === 1) return;
    } catch (error) {
      if (!isInTheWay(error)) throw error;
      throw new AtDirtyRowError(image.table.name, key, [], 'what others have stored since is in its way', {
        cause: error,
      });
    }
    throw new AtDirtyRowError(image.table.name, key, [], 'it is not found to be put back');
  }

  private statementFor(
    image: Image,
    row: ImageRow,
    rowBefore: ImageRow | undefined,
    wasDeleted: boolean,
  ): SqlValue {
    const table = quotedName(image.table.name);
    const where = keyCondition(image.table, [keyOf(image, row)]);
    if (rowBefore === undefined) {
      return { text: `DELETE FROM ${table} WHERE ${where.text}`, parameters: where.parameters };
    }
    const values = image.columns.map(({ kind }, index) => sqlValue(kind, rowBefore[index] ?? null));
    if (wasDeleted) {
      const names = image.columns.map(({ name }) => quotedName(name)).join(', ');
      return {
        text: `INSERT INTO ${table} (${names}) VALUES (${values.map(({ text }) => text).join(', ')})`,
        parameters: values.flatMap(({ parameters }) => parameters),
      };
    }
    const kept = storedColumns(image.table).filter(
      (column) => column.isOnUpdate && !image.columns.includes(column),
    );
    const assignments = assignmentsOf(image.columns, values);
    // MySQL would set them to the time of the rollback.
    const keeping = kept.map(({ name }) => `${quotedName(name)} = ${quotedName(name)}`);
    return {
      text: `UPDATE ${table} SET ${[...assignments.texts, ...keeping].join(', ')} WHERE ${where.text}`,
      parameters: [...assignments.parameters, ...where.parameters],
    };
  }
}

/** A row whose place another one of them still holds is put back after that. */
async function doAll(steps: readonly (() => Promise<void>)[]): Promise<void> {
  const stuck: (() => Promise<void>)[] = [];
  let first: unknown;
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof AtDirtyRowError)) throw error;
      first ??= error;
      stuck.push(step);
    }
  }
  if (stuck.length === 0) return;
  if (stuck.length === steps.length) throw first as Error;
  await doAll(stuck);
}

function assignmentsOf(
  columns: readonly ColumnMetadata[],
  values: readonly SqlValue[],
): { readonly texts: string[]; readonly parameters: string[] } {
  const assigned = columns.flatMap(({ name, isPrimaryKey }, index) => {
    const value = values[index];
    return isPrimaryKey || value === undefined ? [] : [{ name, value }];
  });
  return {
    texts: assigned.map(({ name, value }) => `${quotedName(name)} = ${value.text}`),
    parameters: assigned.flatMap(({ value }) => value.parameters),
  };
}

function isSame(
  expected: Image,
  expectedRow: ImageRow | undefined,
  found: Image,
  foundRow: ImageRow | undefined,
): boolean {
  if (expectedRow === undefined || foundRow === undefined) return expectedRow === foundRow;
  return differingColumns(expected, expectedRow, found, foundRow).length === 0;
}

function dirtyRow(
  after: Image,
  rowAfter: ImageRow | undefined,
  current: Image,
  rowNow: ImageRow | undefined,
  key: string,
): AtDirtyRowError {
  const { name } = after.table;
  if (rowNow === undefined) return new AtDirtyRowError(name, key, [], 'others have deleted it since');
  if (rowAfter === undefined)
    return new AtDirtyRowError(name, key, [], 'others have inserted it again since');
  const columns = differingColumns(after, rowAfter, current, rowNow);
  return new AtDirtyRowError(name, key, columns, 'others have changed it since');
}

function isInTheWay(error: unknown): boolean {
  const { errno, driverError } = (error ?? {}) as { errno?: unknown; driverError?: { errno?: unknown } };
  const number = errno ?? driverError?.errno;
  return typeof number === 'number' && IN_THE_WAY.has(number);
}
