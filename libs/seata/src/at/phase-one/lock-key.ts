import { AtValueRefusedError } from '../../errors/at.errors.js';
import { keyOf, type Image, type ImageRow, type UndoEntry } from '../image/image.js';
import type { AtValue } from '../image/at-value.js';
import type { ColumnMetadata, TableMetadata } from '../table/table-metadata.js';

/** What the coordinator separates keys, rows and tables by; it knows no way to escape them. */
const SEPARATORS = /[,;:]/;
/** DECIMAL with more digits than this behind the point, Java may write with an exponent. */
const DECIMALS_MAX = 6;

/**
 * The global locks of some rows: `table:pk1,pk2;table2:…`, the parts of a composite key joined by `_`. Each part is the text
 * that Java would write, so that Java and Node ask for the same lock.
 * @throws AtValueRefusedError for a key that would be mistaken for another one
 */
export function lockKeyOf(images: readonly Image[]): string {
  const tables = new Map<string, Set<string>>();
  for (const image of images) {
    const rows = tables.get(image.table.name) ?? new Set();
    if (image.rows.length > 0) tables.set(image.table.name, rows);
    for (const row of image.rows) rows.add(rowKeyOf(image, row));
  }
  return [...tables].map(([table, rows]) => `${table}:${[...rows].join(',')}`).join(';');
}

/** The image that holds the rows which a change must lock. */
export function lockedImage({ sqlType, before, after }: UndoEntry): Image {
  return sqlType === 'DELETE' ? before : after;
}

function rowKeyOf(image: Image, row: ImageRow): string {
  const { table } = image;
  const isComposite = table.primaryKey.length > 1;
  return keyOf(image, row)
    .map((value, index) => partOf(table, table.primaryKey[index], value, isComposite))
    .join('_');
}

function partOf(
  table: TableMetadata,
  column: ColumnMetadata | undefined,
  value: AtValue,
  isComposite: boolean,
): string {
  const refuse = (reason: string): never => {
    throw new AtValueRefusedError(table.name, column?.name ?? '?', reason);
  };
  if (column === undefined || value === null) return refuse('it is a primary key without a value');
  if (!isLockable(column)) {
    return refuse(`a primary key of ${column.typeText} has no text that Java writes in the same way`);
  }
  if (value === '') return refuse('the primary key is empty, and the coordinator would lock nothing');
  if (SEPARATORS.test(value)) {
    return refuse(
      `the primary key "${value}" contains "," ";" or ":", which separate the keys of global locks`,
    );
  }
  if (isComposite && value.includes('_')) {
    return refuse(`a part of the composite primary key, "${value}", contains "_", which joins its parts`);
  }
  return value;
}

/** Whether the primary key's column gives the same text in Java. */
export function isLockable({ kind, typeText }: ColumnMetadata): boolean {
  if (kind === 'decimal') return Number(/,\s*(\d+)\)/.exec(typeText)?.[1] ?? 0) <= DECIMALS_MAX;
  return kind === 'integer' || kind === 'text' || kind === 'date';
}
