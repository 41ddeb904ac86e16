import type { ChangingStatement, LockingSelect } from '../sql/statement.js';
import { refusalOf, type Refuse } from '../sql/statement.rules.js';
import {
  columnNamed,
  storedColumns,
  type ColumnMetadata,
  type TableMetadata,
} from '../table/table-metadata.js';
import { assertSameRows } from './limit.rules.js';
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
  parameters: readonly unknown[],
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
  if (statement.kind !== 'INSERT') assertSameRows(statement, table, parameters, refuse);
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
