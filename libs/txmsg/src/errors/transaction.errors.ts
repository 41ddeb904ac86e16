import { TxMsgError } from './txmsg.error.js';

/** The half message could not be stored for certain, so the local transaction was not begun: nothing was done. */
export class HalfMessageNotSentError extends TxMsgError {
  readonly code = 'TXMSG_HALF_MESSAGE_NOT_SENT';

  constructor(
    readonly topic: string,
    readonly txNo: string,
    options: ErrorOptions,
  ) {
    super(
      `The half message of txNo "${txNo}" could not be sent to topic "${topic}"; the local transaction was not begun.`,
      options,
    );
  }
}

/** The local transaction failed and is proven to be rolled back (or never begun): nothing was done, the txNo may be tried again. */
export class LocalTransactionFailedError extends TxMsgError {
  readonly code = 'TXMSG_LOCAL_TRANSACTION_FAILED';

  constructor(
    readonly topic: string,
    readonly txNo: string,
    options: ErrorOptions,
  ) {
    super(`The local transaction of txNo "${txNo}" (topic "${topic}") was rolled back.`, options);
  }
}

/** A check-back fenced this attempt because it was slow: nothing was done and the same txNo may be tried again. */
export class TransactionFencedError extends TxMsgError {
  readonly code = 'TXMSG_TRANSACTION_FENCED';

  constructor(
    readonly txNo: string,
    readonly attempt: string,
  ) {
    super(
      `Attempt ${attempt} of txNo "${txNo}" was fenced by a check-back before it could commit; nothing was done.`,
    );
  }
}

/** The txNo is taken by a transaction with other contents; nothing was done. */
export class TxNoConflictError extends TxMsgError {
  readonly code = 'TXMSG_TX_NO_CONFLICT';

  constructor(
    readonly txNo: string,
    readonly scope: string,
  ) {
    super(`txNo "${txNo}" was already used by "${scope}" with other contents.`);
  }
}
