import { TxMsgError } from './txmsg.error.js';

/** The database could not be reached, or refused a connection or START TRANSACTION; nothing was done. */
export class DatabaseUnavailableError extends TxMsgError {
  readonly code = 'TXMSG_DATABASE_UNAVAILABLE';
}

/** The transaction did not end within its deadline and COMMIT was not sent: its connection was destroyed, so it can never commit. */
export class TransactionDeadlineError extends TxMsgError {
  readonly code = 'TXMSG_TRANSACTION_DEADLINE';

  constructor(
    /** The time that the transaction was given, in ms. */
    readonly timeoutMs: number,
    /**
     * True when a statement (START TRANSACTION and ROLLBACK too) was waiting for the database, or when more than half of the
     * time had passed before a connection came; false when the handler was slow.
     */
    readonly waitedForDatabase: boolean,
  ) {
    super(
      `The local transaction did not finish within ${timeoutMs} ms; its connection was closed and nothing was stored.`,
    );
  }
}

/**
 * An error (deadlock, lock timeout, lost connection) ended this transaction, even if the handler caught that error. Every
 * later statement and the COMMIT are refused; `cause` is the error.
 */
export class TransactionDoomedError extends TxMsgError {
  readonly code = 'TXMSG_TRANSACTION_DOOMED';

  constructor(options: ErrorOptions) {
    super(
      'An earlier error ended this transaction in the database, so the statement was refused. Do not catch database errors in the handler; let them reach the library, which retries.',
      options,
    );
  }
}

/** A statement would have begun, ended or implicitly committed the transaction, which only the library may do; it was not carried out. */
export class ForbiddenStatementError extends TxMsgError {
  readonly code = 'TXMSG_FORBIDDEN_STATEMENT';

  constructor(
    /** The statement that was refused, cut when it is long. */
    readonly statement: string,
  ) {
    super(
      `"${statement}" is refused inside a txmsg transaction: it would begin, end or implicitly commit the transaction. Use the EntityManager that was passed in, its transaction(…) for a part that may be rolled back by itself, and leave COMMIT to the library.`,
    );
  }
}

/** The handler returned while its statements were still running: an `await` is missing. Everything was rolled back. */
export class UnfinishedStatementError extends TxMsgError {
  readonly code = 'TXMSG_UNFINISHED_STATEMENT';

  constructor(
    /** How many statements were still running. */
    readonly statements: number,
  ) {
    super(
      `The handler returned while ${statements} of its statements were still running. Everything was rolled back. Await every statement before returning.`,
    );
  }
}

/** Something would have run beside a nested transaction, on the same EntityManager: it was not carried out. */
export class NestedTransactionOverlapError extends TxMsgError {
  readonly code = 'TXMSG_NESTED_TRANSACTION_OVERLAP';

  constructor(
    /** The statement that was refused, cut when it is long. */
    readonly statement: string,
  ) {
    super(
      `"${statement}" was refused, because a nested transaction of this EntityManager is open, and would undo it together with its own work. Await that transaction(…) first, and inside of it use only the EntityManager that its function is given.`,
    );
  }
}

/** A function returned while a nested transaction that it had begun was still open: a missing `await`. All of it was rolled back. */
export class NestedTransactionOpenError extends TxMsgError {
  readonly code = 'TXMSG_NESTED_TRANSACTION_OPEN';

  constructor() {
    super(
      'The function of a transaction returned while a nested transaction that it had begun was still open. Await every transaction(…) before returning.',
    );
  }
}

/** What ended a transaction, as far as its handler is concerned; NESTED_TRANSACTION: only a nested one has ended. */
export type TransactionEnd = 'COMMIT' | 'ROLLBACK' | 'DEADLINE' | 'CONNECTION_CLOSED' | 'NESTED_TRANSACTION';

/** The statement came after the end of its transaction and was not carried out. `endedBy` says what ended it. */
export class TransactionOverError extends TxMsgError {
  readonly code = 'TXMSG_TRANSACTION_OVER';

  constructor(
    /** What ended the transaction. */
    readonly endedBy: TransactionEnd,
  ) {
    super(
      endedBy === 'DEADLINE'
        ? 'The statement came after the deadline of its transaction, which was rolled back, and was not carried out. Make the handler faster, or give it more time.'
        : 'The statement came after the end of its transaction and was not carried out. Await every statement before the handler returns, and keep no EntityManager for later.',
    );
  }
}

/** COMMIT was sent and not confirmed: the transaction may or may not have taken effect. */
export class CommitOutcomeUnknownError extends TxMsgError {
  readonly code = 'TXMSG_COMMIT_OUTCOME_UNKNOWN';

  constructor(options?: ErrorOptions) {
    super(
      'COMMIT was sent, but the database did not confirm it: the transaction may or may not have taken effect.',
      options,
    );
  }
}
