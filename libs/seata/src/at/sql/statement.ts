/** A table as a statement names it. */
export interface TableReference {
  readonly schema: string | undefined;
  readonly name: string;
  readonly alias: string | undefined;
}

/** What comes after the table of a statement: WHERE, ORDER BY and LIMIT, in the statement's own words. */
export interface RowSelection {
  /** May end with a comment to the end of its line: what is put behind it begins on a line of its own. */
  readonly text: string;
  /** How many placeholders stand before it. */
  readonly parameterOffset: number;
  readonly hasLimit: boolean;
  /** The columns of ORDER BY; undefined when it names something else too. */
  readonly orderBy: readonly string[] | undefined;
  /** The columns that WHERE compares with one value by `=`, joined by AND alone. */
  readonly fixedColumns: readonly FixedColumn[];
}

/** A column and what it is compared with: a parameter, or a literal that is a text or a whole number; undefined: another one. */
export interface FixedColumn {
  readonly name: string;
  readonly value: { readonly parameter: number } | { readonly literal: string | bigint | undefined };
}

/** What an INSERT gives for one column of one row. */
export type InsertedValue =
  | { readonly kind: 'LITERAL'; readonly text: string }
  | { readonly kind: 'PARAMETER'; readonly index: number }
  | { readonly kind: 'DEFAULT' | 'NULL' | 'EXPRESSION' };

interface AnyStatement {
  readonly sql: string;
  /** How many placeholders it has. */
  readonly parameters: number;
}

/** Locks nothing and changes nothing. */
export interface PlainSelect extends AnyStatement {
  readonly kind: 'PLAIN_SELECT';
  /** In upper case. */
  readonly functions: readonly string[];
}

export interface LockingSelect extends AnyStatement {
  readonly kind: 'SELECT_FOR_UPDATE';
  readonly table: TableReference;
  readonly rows: RowSelection;
}

export interface UpdateStatement extends AnyStatement {
  readonly kind: 'UPDATE';
  readonly table: TableReference;
  readonly rows: RowSelection;
  readonly assigned: readonly string[];
}

export interface DeleteStatement extends AnyStatement {
  readonly kind: 'DELETE';
  readonly table: TableReference;
  readonly rows: RowSelection;
}

export interface InsertStatement extends AnyStatement {
  readonly kind: 'INSERT';
  readonly table: TableReference;
  /** Undefined: all columns of the table, in their order. */
  readonly columns: readonly string[] | undefined;
  readonly values: readonly (readonly InsertedValue[])[];
}

export type ChangingStatement = UpdateStatement | DeleteStatement | InsertStatement;

/** A statement that AT carries out. */
export type AtStatement = PlainSelect | LockingSelect | ChangingStatement;
