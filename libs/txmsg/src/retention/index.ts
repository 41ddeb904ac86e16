export {
  BARRIER_ROWS,
  CLOCK_MARGIN_MS,
  ExpiredRows,
  FINISHED_JOBS,
  PUBLISHED_MESSAGES,
  requireClocksAgree,
  type ExpiringTable,
  type PurgedBatch,
} from './expired-rows.js';
export { RetentionJob } from './retention.job.js';
