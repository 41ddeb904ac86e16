import { readTableMetadata, type Query } from './table-metadata.reader.js';
import type { TableMetadata } from './table-metadata.js';

const STORED_FUNCTIONS = `SELECT UPPER(ROUTINE_NAME) AS name FROM information_schema.ROUTINES
  WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'FUNCTION'`;

interface Aged<T> {
  readonly value: T;
  readonly readAtMs: number;
}

/** What is known of the tables of one database, for a bounded time. */
export class TableMetadataCache {
  private readonly tables = new Map<string, Aged<TableMetadata>>();
  private functions: Aged<ReadonlySet<string>> | undefined;

  constructor(private readonly maxAgeMs: number) {}

  /** Undefined when the database has no such table, which is asked each time. */
  async table(query: Query, name: string): Promise<TableMetadata | undefined> {
    const known = this.tables.get(name);
    if (known !== undefined && this.isFresh(known)) return known.value;
    const value = await readTableMetadata(query, name);
    this.tables.delete(name);
    if (value !== undefined) this.tables.set(name, { value, readAtMs: performance.now() });
    return value;
  }

  /** The next caller reads it again. */
  forget(name: string): void {
    this.tables.delete(name);
  }

  /** The functions that are stored in the database, in upper case, as far as the account may see them. */
  async storedFunctions(query: Query): Promise<ReadonlySet<string>> {
    if (this.functions !== undefined && this.isFresh(this.functions)) return this.functions.value;
    const rows = (await query(STORED_FUNCTIONS)) as { readonly name: string }[];
    const value = new Set(rows.map(({ name }) => name));
    this.functions = { value, readAtMs: performance.now() };
    return value;
  }

  private isFresh({ readAtMs }: Aged<unknown>): boolean {
    return performance.now() - readAtMs < this.maxAgeMs;
  }
}
