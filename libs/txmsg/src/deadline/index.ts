export { BackgroundLoop } from './background-loop.js';
export { Deadline } from './deadline.js';
export { waitAtMost, withDeadline } from './with-deadline.js';
