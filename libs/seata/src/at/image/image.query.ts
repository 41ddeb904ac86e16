import { AtTooLargeError, AtValueRefusedError } from '../../errors/at.errors.js';
import { fromText, quotedName } from '../sql/row-selection.js';
import type { RowSelection, TableReference } from '../sql/statement.js';
import type { Query } from '../table/table-metadata.reader.js';
import type { ColumnMetadata, TableMetadata } from '../table/table-metadata.js';
import { readExpression, sqlValue, type AtValue } from './at-value.js';
import type { Image } from './image.js';
import { assertRestorable } from './value.rules.js';

/** Reads images on the connection of one transaction. */
export class ImageQuery {
  constructor(
    private readonly query: Query,
    private readonly rowsMax: number,
  ) {}

  /** The rows that a statement chooses, locked until the transaction ends. */
  async chosenRows(
    table: TableMetadata,
    columns: readonly ColumnMetadata[],
    reference: TableReference,
    rows: RowSelection,
    parameters: readonly unknown[],
  ): Promise<Image> {
    const limit = rows.hasLimit ? '' : ` LIMIT ${this.rowsMax + 1}`;
    const sql = `SELECT ${expressions(columns)} FROM ${fromText(reference)} ${rows.text}\n${limit} FOR UPDATE`;
    return this.read(table, columns, sql, parameters.slice(rows.parameterOffset));
  }

  /** The rows with these primary keys. @param lock - takes the rows' locks; without it, they must be this transaction's */
  async rowsOfKeys(
    table: TableMetadata,
    columns: readonly ColumnMetadata[],
    keys: readonly (readonly AtValue[])[],
    lock: boolean,
  ): Promise<Image> {
    if (keys.length === 0) return { table, columns, rows: [] };
    const condition = keyCondition(table, keys);
    // Without the hint MySQL reads, and locks, the whole of a table that it takes for small.
    const sql = `SELECT ${expressions(columns)} FROM ${quotedName(table.name)} FORCE INDEX (PRIMARY)
      WHERE ${condition.text}${lock ? ' FOR UPDATE' : ''}`;
    return this.read(table, columns, sql, condition.parameters);
  }

  private async read(
    table: TableMetadata,
    columns: readonly ColumnMetadata[],
    sql: string,
    parameters: readonly unknown[],
  ): Promise<Image> {
    const found = (await this.query(sql, [...parameters])) as Record<string, unknown>[];
    if (found.length > this.rowsMax) {
      throw new AtTooLargeError(`rows of ${table.name} in one statement`, this.rowsMax, 'at.imageRowsMax');
    }
    const rows = found.map((row) =>
      columns.map((column, index) => {
        const value = row[aliasOf(index)] as AtValue;
        assertRestorable(table, column, value);
        if (row[`${aliasOf(index)}_same`] === '0' || row[`${aliasOf(index)}_same`] === 0) {
          throw new AtValueRefusedError(
            table.name,
            column.name,
            'its JSON holds a value that JSON text cannot',
          );
        }
        return value;
      }),
    );
    return { table, columns, rows };
  }
}

const aliasOf = (index: number): string => `at_image_${index}`;

function expressions(columns: readonly ColumnMetadata[]): string {
  return columns
    .map(({ kind, name }, index) => {
      const read = `${readExpression(kind, name)} AS ${aliasOf(index)}`;
      return kind === 'json' ? `${read}, ${survivesText(quotedName(name))} AS ${aliasOf(index)}_same` : read;
    })
    .join(', ');
}

/**
 * JSON of MySQL may hold decimals and dates, which its text cannot. A decimal counts as equal to the double that its text
 * becomes, which is written otherwise (2.20 as 2.2), so the texts are compared as well.
 */
function survivesText(column: string): string {
  const again = `CAST(CAST(${column} AS CHAR) AS JSON)`;
  return `${again} = ${column} AND CAST(${again} AS BINARY) = CAST(${column} AS BINARY)`;
}

/** A condition for exactly these rows. */
export function keyCondition(
  { primaryKey }: TableMetadata,
  keys: readonly (readonly AtValue[])[],
): { readonly text: string; readonly parameters: readonly string[] } {
  const names = primaryKey.map(({ name }) => quotedName(name)).join(', ');
  const tuples = keys.map((key) => primaryKey.map(({ kind }, index) => sqlValue(kind, key[index] ?? null)));
  const texts = tuples.map((values) => `(${values.map(({ text }) => text).join(', ')})`);
  return {
    text: `(${names}) IN (${texts.join(', ')})`,
    parameters: tuples.flatMap((values) => values.flatMap(({ parameters }) => parameters)),
  };
}
