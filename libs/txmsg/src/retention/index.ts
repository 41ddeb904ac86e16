export { BARRIER_ROWS, CLOCK_MARGIN_MS, ExpiredRows, PUBLISHED_MESSAGES } from './expired-rows.js';
export { RetentionJob } from './retention.job.js';
