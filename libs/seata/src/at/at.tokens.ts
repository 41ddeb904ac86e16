import type { TableMetadataCache } from './table/table-metadata.cache.js';

/** The options of AT with every default filled in. */
export const AT_SETTINGS = Symbol('AT_SETTINGS');
/** The database that AT works in. */
export const AT_DATABASE = Symbol('AT_DATABASE');

export interface AtDatabase {
  /** As its DataSource calls it. */
  readonly name: string;
  readonly tables: TableMetadataCache;
}
