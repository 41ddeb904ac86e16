import { InvalidArgumentError } from './configuration.errors.js';
import { TxMsgError } from './txmsg.error.js';

/** The key of a durable job was used before, with another input; nothing was started. */
export class JobKeyConflictError extends TxMsgError {
  readonly code = 'TXMSG_JOB_KEY_CONFLICT';

  constructor(
    /** The kind of the job. */
    readonly kind: string,
    /** The key that was used before. */
    readonly key: string,
  ) {
    super(
      `The job "${key}" of kind "${kind}" was started before with another input; nothing was started. Another piece of work needs another key.`,
    );
  }
}

const AFTER_MS_MAX = 86_400_000;

/**
 * For the steps of a durable job to throw: this step cannot be made now, through no fault of the job, because something
 * else is away or not ready. Nothing of the step is stored, the job is due again after the pause, and no failure is counted.
 */
export class JobPostponedError extends TxMsgError {
  readonly code = 'TXMSG_JOB_POSTPONED';

  /**
   * @param reason - what is waited for; operators read it beside the job
   * @param afterMs - the pause, in ms: 0 to one day
   * @throws InvalidArgumentError for another pause
   */
  constructor(
    reason: string,
    /** The pause, in ms. */
    readonly afterMs: number,
    options?: ErrorOptions,
  ) {
    super(reason, options);
    if (Number.isInteger(afterMs) && afterMs >= 0 && afterMs <= AFTER_MS_MAX) return;
    throw new InvalidArgumentError('afterMs', afterMs, `a whole number of ms from 0 to ${AFTER_MS_MAX}`);
  }
}
