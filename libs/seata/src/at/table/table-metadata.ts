import type { ColumnKind } from './column-kind.js';

export interface ColumnMetadata {
  readonly name: string;
  readonly kind: ColumnKind;
  /** The number of java.sql.Types. */
  readonly jdbcType: number;
  /** As MySQL writes it: `decimal(19,2)`. */
  readonly typeText: string;
  readonly isPrimaryKey: boolean;
  readonly isAutoIncrement: boolean;
  /** Computed from other columns, so that it cannot and need not be put back. */
  readonly isGenerated: boolean;
  /** Set by MySQL whenever its row is changed. */
  readonly isOnUpdate: boolean;
}

/** What images and rules need to know of a table. */
export interface TableMetadata {
  /** As the database writes it. */
  readonly name: string;
  /** In the table's order. */
  readonly columns: readonly ColumnMetadata[];
  /** In the key's order; empty when there is none. */
  readonly primaryKey: readonly ColumnMetadata[];
  /** Why AT must not change it, in words; empty when it may. */
  readonly obstacles: readonly string[];
  /** Changes with every change of its columns, its engine, its triggers and the foreign keys that pass its changes on. */
  readonly fingerprint: string;
}

/** By its name, which MySQL compares without case. */
export function columnNamed(table: TableMetadata, name: string): ColumnMetadata | undefined {
  return table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

/** The columns that can be put back. */
export function storedColumns(table: TableMetadata): ColumnMetadata[] {
  return table.columns.filter(({ isGenerated }) => !isGenerated);
}
