/** Topics and groups at the broker: a task of who sets the system up, so this entry point brings no Nest. */
export { createTopicsAndGroups } from './topics.js';
