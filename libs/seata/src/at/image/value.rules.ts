import { AtValueRefusedError } from '../../errors/at.errors.js';
import type { ColumnMetadata, TableMetadata } from '../table/table-metadata.js';
import type { AtValue } from './at-value.js';
import type { Image } from './image.js';

/** The first year whose days Java and MySQL count alike in every time zone. */
const YEAR_MIN = 1900;

/**
 * Refuses what could not be put back, by Node or by Java, as it was.
 * @throws AtValueRefusedError
 */
export function assertRestorable(table: TableMetadata, column: ColumnMetadata, value: AtValue): void {
  const reason = value === null ? undefined : obstacleOf(column, value);
  if (reason !== undefined) throw new AtValueRefusedError(table.name, column.name, reason);
}

/**
 * Refuses the deletion of a row that would come back with another key: MySQL gives a row that is inserted with 0 in an
 * AUTO_INCREMENT column the next number.
 * @param before - the rows that are, or were, deleted
 * @throws AtValueRefusedError
 */
export function assertComesBack({ table, columns, rows }: Image): void {
  const index = columns.findIndex(({ isAutoIncrement }) => isAutoIncrement);
  if (index === -1 || rows.every((row) => row[index] !== '0')) return;
  const reason = 'it is 0 in an AUTO_INCREMENT column, and would come back with another number';
  throw new AtValueRefusedError(table.name, columns[index]?.name ?? '', reason);
}

/** Why a value cannot be put back; undefined when it can. */
export function obstacleOf({ kind, typeText }: ColumnMetadata, value: string): string | undefined {
  switch (kind) {
    case 'unsupported':
      return `its type is ${typeText}`;
    case 'boolean':
      return value === '0' || value === '1'
        ? undefined
        : 'Java reads tinyint(1) as a boolean, so it must be 0 or 1; give the column another integer type';
    case 'time':
      return /^([01]\d|2[0-3]):\d\d:\d\d(\.0+)?$/.test(value)
        ? undefined
        : 'a TIME must lie within one day and have no part of a second, because java.sql.Time holds no other';
    case 'date':
    case 'datetime':
    case 'timestamp':
      return dateObstacle(value);
    case 'text':
      return value === '' && typeText.startsWith('enum(') && !typeText.includes("''")
        ? 'it is the invalid value of an ENUM'
        : undefined;
    case 'integer':
    case 'decimal':
    case 'float':
    case 'double':
    case 'json':
    case 'binary':
    case 'bit':
      return undefined;
  }
}

function dateObstacle(value: string): string | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(value) ?? [];
  if (year === undefined || month === '00' || day === '00') return 'it is a date with zeros';
  return Number(year) < YEAR_MIN
    ? `it is a date before ${YEAR_MIN}, which Java may read as another day`
    : undefined;
}
