import { SeataError } from './seata.error.js';

/** The call was not sent to the coordinator: nothing was done. */
export class CoordinatorUnavailableError extends SeataError {
  readonly code = 'SEATA_COORDINATOR_UNAVAILABLE';

  constructor(
    /** The call that was not sent. */
    readonly call: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `The call "${call}" was not sent to the Seata coordinator: ${reason}. Nothing was done; call again later.`,
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
    reason: string,
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
