import { comparable, sameValue, type AtValue } from './at-value.js';
import type { ColumnMetadata, TableMetadata } from '../table/table-metadata.js';

/** The values of one row, in the order of the image's columns. */
export type ImageRow = readonly AtValue[];

/** What some rows of a table held at a moment. */
export interface Image {
  readonly table: TableMetadata;
  /** Always with the whole primary key. */
  readonly columns: readonly ColumnMetadata[];
  readonly rows: readonly ImageRow[];
}

/** One statement's change. An insert has no rows before, a delete none after. */
export interface UndoEntry {
  readonly sqlType: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly before: Image;
  readonly after: Image;
}

/** The values of a row's primary key, in the key's order. */
export function keyOf({ table, columns }: Image, row: ImageRow): AtValue[] {
  return table.primaryKey.map(({ name }) => row[columns.findIndex((column) => column.name === name)] ?? null);
}

/** A text that two rows of a table share when they have the same primary key, however its values are written, and only then. */
export function keyTextOf(image: Image, row: ImageRow): string {
  const key = keyOf(image, row);
  return JSON.stringify(
    image.table.primaryKey.map(({ kind }, index) => comparable(kind, key[index] ?? null)),
  );
}

/** The rows by the texts of their keys. */
export function rowsByKey(image: Image): Map<string, ImageRow> {
  return new Map(image.rows.map((row) => [keyTextOf(image, row), row]));
}

/** The names of the columns of `expected` whose values differ in `found`, an image of the same table with these columns. */
export function differingColumns(
  expected: Image,
  expectedRow: ImageRow,
  found: Image,
  foundRow: ImageRow,
): string[] {
  return expected.columns
    .filter(({ name, kind }, index) => {
      const value = foundRow[found.columns.findIndex((column) => column.name === name)];
      return value === undefined || !sameValue(kind, expectedRow[index] ?? null, value);
    })
    .map(({ name }) => name);
}
