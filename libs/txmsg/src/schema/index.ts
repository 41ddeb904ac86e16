/**
 * The SQL of the library's tables, and what a database still needs of it or of a script of the same form; for programs
 * of an administrator, so this entry brings no Nest.
 */
export { txmsgSql } from './library-script.js';
export { pendingChanges, type SchemaQuery } from './pending-changes.js';
export { readSchemaScript, type Migration, type SchemaChange, type SchemaScript } from './schema-script.js';
export { pendingSql, readSchemaStatus, SchemaUnreadableError, type SchemaStatus } from './schema-status.js';
