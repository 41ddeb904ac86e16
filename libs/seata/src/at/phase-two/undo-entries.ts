import { isMissingTable } from 'txmsg/building-blocks';
import { UndoLogDamagedError, UndoLogForeignError } from '../../errors/at.errors.js';
import type { Image, ImageRow, UndoEntry } from '../image/image.js';
import { obstacleOf } from '../image/value.rules.js';
import { quotedName } from '../sql/row-selection.js';
import { readTableMetadata, type Query } from '../table/table-metadata.reader.js';
import { columnNamed, type ColumnMetadata, type TableMetadata } from '../table/table-metadata.js';
import { valueOfJava } from '../undo/java-value.reader.js';
import type { WrittenChange, WrittenField, WrittenRow } from '../undo/undo-log.reader.js';

const OWN_DATABASE = 'SELECT DATABASE() AS name, @@lower_case_table_names > 0 AS foldsCase';

interface OwnDatabase {
  readonly name: string;
  readonly foldsCase: number | string;
}

/** Fits what is written in the undo logs of one rollback to the tables as they are. */
export class UndoEntries {
  private readonly tables = new Map<string, TableMetadata | undefined>();
  private own: OwnDatabase | undefined;

  constructor(
    private readonly query: Query,
    private readonly javaTimeZone: string,
  ) {}

  /**
   * @throws UndoLogDamagedError when a table or a column is no longer what it was; UndoLogForeignError for what Java changes, and
   * this library does not; Error when the table may not be changed now
   */
  async entryOf(change: WrittenChange): Promise<UndoEntry> {
    await this.assertOwnDatabase(change);
    return this.fitted(await this.tableOf(change.tableName), change);
  }

  private async assertOwnDatabase({ schema, tableName }: WrittenChange): Promise<void> {
    if (schema === undefined) return;
    this.own ??= ((await this.query(OWN_DATABASE)) as OwnDatabase[])[0];
    const { own } = this;
    const folded = (name = ''): string => (Number(own?.foldsCase) === 1 ? name.toLowerCase() : name);
    if (folded(schema) === folded(own?.name)) return;
    throw new UndoLogForeignError(
      `it has changes of ${schema}.${tableName}, and this library takes back those of "${own?.name}" alone`,
    );
  }

  /** What was known of the table before is of no use here: it may have been altered since. */
  private async tableOf(name: string): Promise<TableMetadata | undefined> {
    if (this.tables.has(name)) return this.tables.get(name);
    // Having read from it, this transaction keeps it from being altered.
    await this.query(`SELECT 1 FROM ${quotedName(name)} LIMIT 0`).catch((error: unknown) => {
      if (!isMissingTable(error)) throw error;
    });
    const table = await readTableMetadata(this.query, name);
    this.tables.set(name, table);
    return table;
  }

  private fitted(table: TableMetadata | undefined, change: WrittenChange): UndoEntry {
    if (table === undefined) throw new UndoLogDamagedError(`there is no table "${change.tableName}"`);
    const [obstacle] = table.obstacles;
    // Triggers and foreign keys come and go, those of a migration for example: it is asked for again.
    if (obstacle !== undefined) throw new Error(`${table.name} cannot be changed by AT now: ${obstacle}`);
    const sample = change.before[0] ?? change.after[0] ?? [];
    const columns = sample.map((field) => columnOf(table, field));
    if (!table.primaryKey.every((column) => columns.includes(column))) {
      throw new UndoLogDamagedError(`its rows of ${table.name} lack the primary key`);
    }
    const image = (rows: readonly WrittenRow[]): Image => ({
      table,
      columns,
      rows: rows.map((row) => this.rowOf(table, columns, row)),
    });
    const entry = { sqlType: change.sqlType, before: image(change.before), after: image(change.after) };
    assertShape(entry);
    return entry;
  }

  private rowOf(table: TableMetadata, columns: readonly ColumnMetadata[], row: WrittenRow): ImageRow {
    if (row.length !== columns.length) {
      throw new UndoLogDamagedError(`its rows of ${table.name} have different columns`);
    }
    return columns.map((column) => {
      const field = row.find(({ name }) => name.toLowerCase() === column.name.toLowerCase());
      if (field === undefined) throw new UndoLogDamagedError(`a row lacks ${table.name}.${column.name}`);
      return this.valueOf(table, column, field);
    });
  }

  private valueOf(table: TableMetadata, column: ColumnMetadata, field: WrittenField): string | null {
    const value = this.read(table, column, field);
    const obstacle = value === null ? undefined : obstacleOf(column, value);
    if (obstacle === undefined) return value;
    throw new UndoLogForeignError(
      `its value of ${table.name}.${column.name} is one that this library does not put back: ${obstacle}`,
    );
  }

  private read(table: TableMetadata, column: ColumnMetadata, field: WrittenField): string | null {
    try {
      return valueOfJava(column, field.value, this.javaTimeZone);
    } catch (error) {
      throw new UndoLogDamagedError(
        `its value of ${table.name}.${column.name} does not fit ${column.typeText}`,
        { cause: error },
      );
    }
  }
}

/** TINYINT and BOOLEAN, which Java's driver says of TINYINT(1) with tinyInt1isBit=false and transformedBitIsBoolean=true. */
const BOOLEAN_JDBC_TYPES = new Set([-6, 16]);

function columnOf(table: TableMetadata, { name, jdbcType }: WrittenField): ColumnMetadata {
  const column = columnNamed(table, name);
  if (column === undefined) throw new UndoLogDamagedError(`${table.name} has no column "${name}"`);
  if (column.kind === 'unsupported') {
    throw new UndoLogForeignError(
      `it has a value of ${table.name}.${column.name}, and this library puts none of ${column.typeText} back`,
    );
  }
  if (column.jdbcType !== jdbcType && !(column.kind === 'boolean' && BOOLEAN_JDBC_TYPES.has(jdbcType))) {
    throw new UndoLogDamagedError(
      `${table.name}.${name} is ${column.typeText} now, and was of the JDBC type ${jdbcType}`,
    );
  }
  return column;
}

function assertShape({ sqlType, before, after }: UndoEntry): void {
  const isSound =
    (sqlType === 'UPDATE' && before.rows.length === after.rows.length) ||
    (sqlType === 'INSERT' && before.rows.length === 0) ||
    (sqlType === 'DELETE' && after.rows.length === 0);
  if (!isSound) {
    throw new UndoLogDamagedError(
      `a change of the type ${sqlType} has ${before.rows.length} rows before and ${after.rows.length} after`,
    );
  }
}
