/** Databases, and topics, groups and rights at the broker: a task of who sets the system up, so this entry point brings no Nest. */
export { bankUrl, createBankDatabase, dropBankDatabase } from './bank-database.js';
export { bankScriptTexts, readBankScripts, type Bank } from './bank-scripts.js';
export { bankRights } from './bank-rights.js';
export { createTopicsAndGroups } from './topics.js';
