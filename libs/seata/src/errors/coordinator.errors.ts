import { SeataError } from './seata.error.js';

/**
 * The coordinator is away, and nothing was done: the call was not sent, or it was a Begin without an answer, whose global
 * transaction has no branch that changes anything and ends by its timeout.
 */
export class CoordinatorUnavailableError extends SeataError {
  readonly code = 'SEATA_COORDINATOR_UNAVAILABLE';

  constructor(
    /** The call that was not sent, or the Begin that was not answered. */
    readonly call: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `The Seata coordinator cannot be used for the call "${call}": ${reason}. Nothing was done; repeat the call after a pause.`,
      options,
    );
  }
}

/** The call was sent and no answer came, in time or before the connection was lost: it may or may not have taken effect. */
export class CoordinatorTimeoutError extends SeataError {
  readonly code = 'SEATA_COORDINATOR_TIMEOUT';

  constructor(
    /** The call without an answer. */
    readonly call: string,
    /** Why there is none, and where the coordinator was asked. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `The call "${call}" was sent to the Seata coordinator, but ${reason}: it may or may not have taken effect.`,
      options,
    );
  }
}

/** The coordinator answered that it has not done it. */
export class CoordinatorRefusedError extends SeataError {
  readonly code = 'SEATA_COORDINATOR_REFUSED';

  constructor(
    /** The call that was refused. */
    readonly call: string,
    /** The ordinal of Seata's TransactionExceptionCode. */
    readonly exceptionCode: number,
    /** The coordinator's own words. */
    readonly reason: string,
  ) {
    super(`The Seata coordinator refused the call "${call}" with exception code ${exceptionCode}: ${reason}`);
  }
}
