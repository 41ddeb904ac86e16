import { createListenerDecorator } from '../options/listener.decorator.js';

/** What breaks a rule keeps the service from starting, and is named in the report (`TxMsgConfigurationError`). */
export interface DurableJobOptions {
  /**
   * What `DurableJobs.start` names: 1 to 64 characters of A-Z a-z 0-9 . _ : -, other than "." and "..". It stands in every
   * row, so a kind that is renamed leaves the jobs under the old name without a handler. Required.
   */
  readonly kind: string;
  /**
   * How often one step may fail before the job is FAILED and waits for an operator: 1 to 1 000 000. Counted in the job's
   * row, so that restarts and other processes go on counting; a step that succeeds begins at 0 again. Failures of the
   * database or the broker, `JobPostponedError`, and crashes never count.
   * @default the option `handlerAttemptsMax` of the module, which is 16 by default
   */
  readonly attemptsMax?: number;
  /**
   * How many jobs of this kind one process works on at a time: 1 to 64. Each takes a connection of the pool while a step
   * runs. The steps of one job always run one after another.
   * @default 2
   */
  readonly concurrency?: number;
}

/**
 * Marks a provider as the handler of a kind of durable job. The class implements `DurableJobHandler`, is a singleton, and
 * is provided once; a subclass inherits the decorator.
 */
export const DurableJob = createListenerDecorator<DurableJobOptions>('DurableJob');
