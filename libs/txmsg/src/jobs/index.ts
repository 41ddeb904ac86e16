export { DurableJob, type DurableJobOptions } from './durable-job.decorator.js';
export type { DurableJobHandler, RunningJob, StepResult } from './durable-job.handler.js';
export { registerDurableJobs, type RegisteredDurableJob } from './durable-job.registry.js';
export { DurableJobs, type JobStart, type JobStarted } from './durable-jobs.js';
export {
  DURABLE_JOB_STATES,
  type DurableJobPage,
  type DurableJobQuery,
  type DurableJobState,
  type DurableJobStatus,
  type JobRetried,
} from './job.reader.js';
export { JobRuntime } from './job.runtime.js';
export { JobStep, type StepOutcome } from './job.step.js';
export { JobStore, type ClaimedJob } from './job.store.js';
export { JobWorker } from './job.worker.js';
