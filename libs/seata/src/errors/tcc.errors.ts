import { SeataError } from './seata.error.js';

/**
 * The try of a TCC branch came after its cancel, and was refused: it would reserve what nobody would confirm or give back.
 * Nothing was stored. The global transaction is being rolled back or already is.
 */
export class TccSuspendedError extends SeataError {
  readonly code = 'SEATA_TCC_SUSPENDED';

  constructor(
    /** The global transaction. */
    readonly xid: string,
    /** The branch whose cancel came first. */
    readonly branchId: bigint,
    /** The action whose try was refused. */
    readonly actionName: string,
    options?: ErrorOptions,
  ) {
    super(
      `The try of "${actionName}" (branch ${branchId} of ${xid}) was refused: the branch has been cancelled already. ` +
        'Nothing was reserved; begin a new global transaction if the work is still wanted.',
      options,
    );
  }
}

/** What a try was given cannot be stored with its branch, so that confirm and cancel could not know it; nothing was done. */
export class TccInputError extends SeataError {
  readonly code = 'SEATA_TCC_INPUT';

  constructor(
    /** The action that was called. */
    readonly actionName: string,
    /** What is wrong with the input. */
    readonly problem: string,
  ) {
    super(`The input of the action "${actionName}" ${problem} Nothing was done.`);
  }
}

/** An action was called that the application has not declared, or has declared wrongly; nothing was done. */
export class TccActionUnknownError extends SeataError {
  readonly code = 'SEATA_TCC_ACTION_UNKNOWN';

  constructor(
    /** The class that was called. */
    readonly className: string,
  ) {
    super(
      `${className} is no TCC action of this application: decorate its method "try" with @TwoPhaseBusinessAction, and provide the class in a module.`,
    );
  }
}
