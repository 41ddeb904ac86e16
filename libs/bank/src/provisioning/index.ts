/** Topics, groups and rights at the broker: a task of who sets the system up, so this entry point brings no Nest. */
export { bankRights } from './bank-rights.js';
export { createTopicsAndGroups } from './topics.js';
