import { AtDirtyRowError } from '../../errors/at.errors.js';
import { sqlValue, type SqlValue } from '../image/at-value.js';
import { assertComesBack } from '../image/value.rules.js';
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
import { storedColumns } from '../table/table-metadata.js';
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
   * Every row must be as it was after the change; nothing is restored otherwise. A row that others have set to its old value
   * counts as changed: to skip it would lose their change. A column with ON UPDATE CURRENT_TIMESTAMP that differs keeps its
   * value, also when somebody set it explicitly: an undo log cannot tell.
   * @throws AtDirtyRowError, AtValueRefusedError
   */
  async restore(entry: UndoEntry): Promise<void> {
    const { sqlType, before, after } = entry;
    const known = before.rows.length > 0 ? before : after;
    if (sqlType === 'DELETE') assertComesBack(before);
    const keys = known.rows.map((row) => keyOf(known, row));
    const current = await this.images.rowsOfKeys(known.table, known.columns, keys, true);
    const currentRows = rowsByKey(current);
    const rowsOf = { before: rowsByKey(before), after: rowsByKey(after) };
    const work: (() => Promise<void>)[] = [];
    for (const row of known.rows) {
      const key = keyTextOf(known, row);
      const [rowAfter, rowNow] = [rowsOf.after.get(key), currentRows.get(key)];
      const differing = rowAfter && rowNow ? differingColumns(after, rowAfter, current, rowNow) : [];
      const kept = sqlType === 'UPDATE' ? differing.filter((name) => isSetByMysql(after, name)) : [];
      const changed = differing.filter((name) => !kept.includes(name));
      if (changed.length > 0 || (rowAfter === undefined) !== (rowNow === undefined)) {
        throw dirtyRow(known.table.name, key, rowNow === undefined, changed);
      }
      work.push(() => this.putBack(entry, row, rowsOf.before.get(key), kept));
    }
    await doAll(work);
  }

  /** @param row - has the key; @param rowBefore - undefined when there was none; @param kept - columns that keep their value */
  private async putBack(
    { sqlType, before, after }: UndoEntry,
    row: ImageRow,
    rowBefore: ImageRow | undefined,
    kept: readonly string[],
  ): Promise<void> {
    const image = rowBefore === undefined ? after : before;
    const statement = statementFor(image, { row, rowBefore, wasDeleted: sqlType === 'DELETE', kept });
    if (statement === undefined) return;
    const key = keyTextOf(image, row);
    try {
      const header = headerOf(await this.query(statement.text, [...statement.parameters]));
      if (matchedRows(header, sqlType === 'UPDATE' ? 'UPDATE' : 'DELETE') === 1) return;
    } catch (error) {
      if (!isInTheWay(error)) throw error;
      throw new AtDirtyRowError(image.table.name, key, [], 'what others have stored since is in its way', {
        cause: error,
      });
    }
    throw new AtDirtyRowError(image.table.name, key, [], 'it is not found to be put back');
  }
}

interface RowToPutBack {
  /** Has the key. */
  readonly row: ImageRow;
  readonly rowBefore: ImageRow | undefined;
  readonly wasDeleted: boolean;
  /** The columns that keep the value that they have now. */
  readonly kept: readonly string[];
}

/** Undefined when there is nothing to put back. */
function statementFor(
  image: Image,
  { row, rowBefore, wasDeleted, kept }: RowToPutBack,
): SqlValue | undefined {
  const table = quotedName(image.table.name);
  const where = keyCondition(image.table, [keyOf(image, row)]);
  if (rowBefore === undefined) {
    return { text: `DELETE FROM ${table} WHERE ${where.text}`, parameters: where.parameters };
  }
  const values = image.columns
    .map((column, index) => ({ column, value: sqlValue(column.kind, rowBefore[index] ?? null) }))
    .filter(({ column }) => !column.isGenerated);
  if (wasDeleted) {
    const names = values.map(({ column }) => quotedName(column.name)).join(', ');
    return {
      text: `INSERT INTO ${table} (${names}) VALUES (${values.map(({ value }) => value.text).join(', ')})`,
      parameters: values.flatMap(({ value }) => value.parameters),
    };
  }
  const assigned = values.filter(({ column }) => !column.isPrimaryKey && !kept.includes(column.name));
  // MySQL would set them to the time of the rollback.
  const untouched = storedColumns(image.table).filter(
    ({ name, isOnUpdate }) => isOnUpdate && !assigned.some(({ column }) => column.name === name),
  );
  const assignments = [
    ...assigned.map(({ column, value }) => `${quotedName(column.name)} = ${value.text}`),
    ...untouched.map(({ name }) => `${quotedName(name)} = ${quotedName(name)}`),
  ];
  // The statement has assigned to a generated column alone.
  if (assignments.length === 0) return undefined;
  return {
    text: `UPDATE ${table} SET ${assignments.join(', ')} WHERE ${where.text}`,
    parameters: [...assigned.flatMap(({ value }) => value.parameters), ...where.parameters],
  };
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

function isSetByMysql({ columns }: Image, name: string): boolean {
  return columns.some((column) => column.name === name && column.isOnUpdate);
}

function dirtyRow(table: string, key: string, isGone: boolean, changed: readonly string[]): AtDirtyRowError {
  if (isGone) return new AtDirtyRowError(table, key, [], 'others have deleted it since');
  if (changed.length === 0) return new AtDirtyRowError(table, key, [], 'others have inserted it again since');
  return new AtDirtyRowError(table, key, changed, 'others have changed it since');
}

function isInTheWay(error: unknown): boolean {
  const { errno, driverError } = (error ?? {}) as { errno?: unknown; driverError?: { errno?: unknown } };
  const number = errno ?? driverError?.errno;
  return typeof number === 'number' && IN_THE_WAY.has(number);
}
