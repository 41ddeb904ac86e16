export { BARRIER_ROWS, ExpiredRows, PUBLISHED_MESSAGES } from './expired-rows.js';
export { RetentionJob } from './retention.job.js';
export { CLOCK_MARGIN_MS, retentionProblems, type Retention } from './retention.rules.js';
