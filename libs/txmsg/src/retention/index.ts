export {
  BARRIER_ROWS,
  CLOCK_MARGIN_MS,
  ExpiredRows,
  FINISHED_JOBS,
  PUBLISHED_MESSAGES,
} from './expired-rows.js';
export { RetentionJob } from './retention.job.js';
