import type { ChangingStatement, InsertStatement, LockingSelect } from '../sql/statement.js';
import { refusalOf, type Refuse } from '../sql/statement.rules.js';
import {
  columnNamed,
  storedColumns,
  type ColumnMetadata,
  type TableMetadata,
} from '../table/table-metadata.js';
import { isLockable } from './lock-key.js';

const USE_TCC = 'Use TCC for this table, or change the table.';

/**
 * The rules that need the table's description.
 * @returns the columns of the statement's images
 * @throws AtStatementRefusedError
 */
export function imageColumnsOf(
  statement: ChangingStatement | LockingSelect,
  table: TableMetadata,
): ColumnMetadata[] {
  const refuse = refusalOf(statement.sql);
  const [obstacle] = table.obstacles;
  if (obstacle !== undefined) refuse(`of ${table.name}: ${obstacle}`, USE_TCC);
  const unlockable = table.primaryKey.find((column) => !isLockable(column));
  if (unlockable !== undefined) {
    refuse(
      `of ${table.name}: its primary key has a column of ${unlockable.typeText}, whose text Java writes otherwise`,
      USE_TCC,
    );
  }
  if (statement.kind !== 'INSERT') assertSameRows(statement, table, refuse);
  const columns = columnsOf(statement, table, refuse);
  const unsupported = columns.find(({ kind }) => kind === 'unsupported');
  if (unsupported !== undefined) {
    refuse(
      `of ${table.name}.${unsupported.name}: ${unsupported.typeText} cannot be put back for certain`,
      USE_TCC,
    );
  }
  return columns;
}

function columnsOf(
  statement: ChangingStatement | LockingSelect,
  table: TableMetadata,
  refuse: Refuse,
): ColumnMetadata[] {
  switch (statement.kind) {
    case 'SELECT_FOR_UPDATE':
      return [...table.primaryKey];
    case 'INSERT':
    case 'DELETE':
      return storedColumns(table);
    case 'UPDATE':
      return updatedColumns(statement.assigned, table, refuse);
  }
}

/** Those that it assigns and those that MySQL changes with them: what others change in the same row is none of this branch. */
function updatedColumns(assigned: readonly string[], table: TableMetadata, refuse: Refuse): ColumnMetadata[] {
  const changed = assigned.map(
    (name) =>
      columnNamed(table, name) ?? refuse(`${table.name} has no column "${name}"`, 'Correct the name.'),
  );
  if (changed.some(({ isPrimaryKey }) => isPrimaryKey)) {
    refuse(
      'it assigns to the primary key, by which the row is found again',
      'Delete the row and insert another one.',
    );
  }
  return storedColumns(table).filter(
    (column) => column.isPrimaryKey || column.isOnUpdate || changed.includes(column),
  );
}

/**
 * LIMIT chooses by an order that is only certain over the whole primary key. Between the before image and a change, a row may
 * come that is first in that order: then the change meets another row, and as many as before. So a change must name its row.
 */
function assertSameRows(
  { kind, rows }: Exclude<ChangingStatement, InsertStatement> | LockingSelect,
  { primaryKey }: TableMetadata,
  refuse: Refuse,
): void {
  if (!rows.hasLimit) return;
  const has = (names: readonly string[]): boolean =>
    primaryKey.every(({ name }) => names.some((other) => other.toLowerCase() === name.toLowerCase()));
  if (has(rows.fixedColumns)) return;
  if (kind !== 'SELECT_FOR_UPDATE') {
    refuse(
      'with LIMIT it may change other rows than were looked at before it',
      'Choose the rows by SELECT … FOR UPDATE, and change them by their primary keys.',
    );
  }
  if (rows.orderBy !== undefined && has(rows.orderBy)) return;
  refuse(
    'LIMIT without ORDER BY the whole primary key chooses other rows each time',
    'Order by the primary key, or name the row by it.',
  );
}
