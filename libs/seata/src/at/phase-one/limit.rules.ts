import type { DeleteStatement, FixedColumn, LockingSelect, UpdateStatement } from '../sql/statement.js';
import type { Refuse } from '../sql/statement.rules.js';
import type { ColumnMetadata, TableMetadata } from '../table/table-metadata.js';

/**
 * LIMIT chooses by an order that is only certain over the whole primary key. Between the before image and a change, a row may
 * come that is first in that order: then the change meets another row, and as many as before. So a change must name its row.
 */
export function assertSameRows(
  { kind, rows }: UpdateStatement | DeleteStatement | LockingSelect,
  { primaryKey }: TableMetadata,
  parameters: readonly unknown[],
  refuse: Refuse,
): void {
  if (!rows.hasLimit || primaryKey.every((column) => isNamed(column, rows.fixedColumns, parameters))) return;
  if (kind !== 'SELECT_FOR_UPDATE') {
    refuse(
      'with LIMIT it may change other rows than were looked at before it',
      'Choose the rows by SELECT … FOR UPDATE, and change them by their primary keys, each compared with a value of its own type.',
    );
  }
  const { orderBy = [] } = rows;
  if (primaryKey.every(({ name }) => orderBy.some((other) => isSame(name, other)))) return;
  refuse(
    'LIMIT without ORDER BY the whole primary key chooses other rows each time',
    'Order by the primary key, or name the row by it, each column compared with a value of its own type.',
  );
}

const isSame = (name: string, other: string): boolean => name.toLowerCase() === other.toLowerCase();

function isNamed(
  { name, kind }: ColumnMetadata,
  fixed: readonly FixedColumn[],
  parameters: readonly unknown[],
): boolean {
  return fixed.some(
    ({ name: other, value }) =>
      isSame(name, other) &&
      isExact(kind, 'parameter' in value ? parameters[value.parameter] : value.literal),
  );
}

/**
 * Whether `=` holds for one key at most. MySQL compares a text with a number as numbers, so that 5 is `5` and `05`, and others as
 * floating point, with 15 digits.
 */
function isExact(kind: ColumnMetadata['kind'], value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return kind === 'decimal' || (kind === 'integer' && Number.isInteger(Number(value)));
  }
  if (kind === 'text' || kind === 'date') return typeof value === 'string';
  const digits = kind === 'integer' ? /^-?\d+$/ : /^-?[\d.]{1,15}$/;
  return typeof value === 'string' && digits.test(value);
}
