import { SeataError } from './seata.error.js';

/** Another global transaction holds a global lock on a row of this branch; the branch was not registered. */
export class GlobalLockConflictError extends SeataError {
  readonly code = 'SEATA_GLOBAL_LOCK_CONFLICT';

  constructor(
    /** The global transaction that was refused the lock. */
    readonly xid: string,
    /** The database whose rows are locked. */
    readonly resourceId: string,
    /** The rows that were asked for. */
    readonly lockKey: string,
    /** True when the holder is being rolled back: waiting for the lock may block that rollback. */
    readonly holderRollsBack: boolean,
    reason: string,
  ) {
    super(
      `The global transaction "${xid}" did not get the global lock of "${lockKey}" in ${resourceId}, which another global transaction holds: ${reason} Roll back the local transaction, and try again after a pause.`,
    );
  }
}

/** What ended a global transaction, as far as a branch is concerned. */
export type GlobalTransactionEnd = 'ENDED' | 'DEADLINE' | 'COORDINATOR';

/** The global transaction takes no more branches; nothing was registered. `endedBy` says what ended it. */
export class GlobalTransactionOverError extends SeataError {
  readonly code = 'SEATA_GLOBAL_TRANSACTION_OVER';

  constructor(
    /** The global transaction. */
    readonly xid: string,
    /** ENDED: its work has returned. DEADLINE: its time has passed. COORDINATOR: the coordinator says so. */
    readonly endedBy: GlobalTransactionEnd,
    reason?: string,
  ) {
    super(`The global transaction "${xid}" takes no more branches: ${reason ?? OVER[endedBy]}`);
  }
}

const OVER = {
  ENDED: 'its work has returned. Await every branch before returning.',
  DEADLINE: 'its time has passed. Make its work faster, or give it a longer timeout.',
  COORDINATOR: 'the coordinator does not know it, or is ending it.',
} as const satisfies Record<GlobalTransactionEnd, string>;

/** The work of a global transaction did not return before its time had passed; it was rolled back. */
export class GlobalTransactionDeadlineError extends SeataError {
  readonly code = 'SEATA_GLOBAL_TRANSACTION_DEADLINE';

  constructor(
    /** The global transaction. */
    readonly xid: string,
    /** Its name. */
    readonly transactionName: string,
    /** The timeout that the coordinator was told, in ms. */
    readonly timeoutMs: number,
  ) {
    super(
      `The work of the global transaction "${transactionName}" (${xid}) did not return in time before the coordinator's timeout of ${timeoutMs} ms, so it is rolled back. Make its work faster, or give it a longer timeout.`,
    );
  }
}

/** The work returned while branches that it had begun were still running: an `await` is missing. It was rolled back. */
export class UnawaitedBranchError extends SeataError {
  readonly code = 'SEATA_UNAWAITED_BRANCH';

  constructor(
    /** The global transaction. */
    readonly xid: string,
    /** What the work is called. */
    readonly workName: string,
    /** How many branches were still running. */
    readonly branches: number,
  ) {
    super(
      `"${workName}" returned while ${branches} of its branches in the global transaction "${xid}" were still running, so it is not committed. Await every branch before returning.`,
    );
  }
}

/** A branch was begun without a global transaction; nothing was done. */
export class NoGlobalTransactionError extends SeataError {
  readonly code = 'SEATA_NO_GLOBAL_TRANSACTION';

  constructor(
    /** What needs a global transaction. */
    readonly action: string,
  ) {
    super(
      `"${action}" was called without a global transaction, and nothing was done. Call it inside GlobalTransactions.run(…), a method with @GlobalTransactional, or a handler that XidInterceptor has given the caller's one.`,
    );
  }
}

/** A global transaction was to begin inside another one; nothing was done. */
export class NestedGlobalTransactionError extends SeataError {
  readonly code = 'SEATA_NESTED_GLOBAL_TRANSACTION';

  constructor(
    /** The global transaction that is open. */
    readonly xid: string,
    /** The name of the one that was to begin. */
    readonly transactionName: string,
  ) {
    super(
      `The global transaction "${transactionName}" was to begin inside "${xid}", and did not. Only who began a global transaction may end it: call @GlobalTransactional methods, which join it, or begin the other one outside.`,
    );
  }
}

/** The global transaction is rolled back though its work succeeded: nothing of it remains. */
export class GlobalTransactionRolledBackError extends SeataError {
  readonly code = 'SEATA_GLOBAL_TRANSACTION_ROLLED_BACK';

  constructor(
    /** The global transaction. */
    readonly xid: string,
    options?: ErrorOptions,
  ) {
    super(
      `The global transaction "${xid}" was rolled back by the coordinator; nothing of it remains.`,
      options,
    );
  }
}

/** Whether the global transaction is committed or rolled back is not known yet. The coordinator ends it one way or the other, unless it has given up: then a person does. */
export class GlobalTransactionUnknownError extends SeataError {
  readonly code = 'SEATA_GLOBAL_TRANSACTION_UNKNOWN';

  constructor(
    /** The global transaction. */
    readonly xid: string,
    options?: ErrorOptions,
  ) {
    super(
      `Whether the global transaction "${xid}" is committed or rolled back is not known yet. Do not do its work again; ask later what became of it.`,
      options,
    );
  }
}
