export { Deadline } from './deadline.js';
export { withDeadline } from './with-deadline.js';
