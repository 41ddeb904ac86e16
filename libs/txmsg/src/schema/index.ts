/** What a database needs of the scripts that make its tables; for programs of an administrator. */
export { pendingChanges, type SchemaQuery } from './pending-changes.js';
export { readSchemaScript, type SchemaChange, type SchemaScript } from './schema-script.js';
