/** Databases, and topics, groups and rights at the broker: a task of who sets the system up, so this entry point brings no Nest. */
export {
  createServiceDatabase,
  databaseUrl,
  dropServiceDatabase,
  renameDatabase,
} from './service-database.js';
export { readScripts, scriptTexts } from './service-scripts.js';
export { rightsOf } from './service-rights.js';
export { createTopicsAndGroups } from './topics.js';
