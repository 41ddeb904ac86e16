import { TxMsgError } from './txmsg.error.js';

/** Storing the half message was not confirmed, so the local transaction was not begun: nothing was done, and nothing will be. */
export class HalfMessageNotSentError extends TxMsgError {
  readonly code = 'TXMSG_HALF_MESSAGE_NOT_SENT';

  constructor(
    /** The topic, by its name at the broker. */
    readonly topic: string,
    /** The txNo of the call. */
    readonly txNo: string,
    options: ErrorOptions,
  ) {
    super(
      `The half message of txNo "${txNo}" could not be sent to topic "${topic}"; the local transaction was not begun and nothing was done. Try again with the same txNo.`,
      options,
    );
  }
}

/** The local transaction was rolled back or never begun, which is proven: nothing was done, and the same txNo may be tried again. */
export class LocalTransactionFailedError extends TxMsgError {
  readonly code = 'TXMSG_LOCAL_TRANSACTION_FAILED';

  constructor(
    /** The topic, by its name at the broker. */
    readonly topic: string,
    /** The txNo of the call. */
    readonly txNo: string,
    options: ErrorOptions,
  ) {
    super(
      `The local transaction of txNo "${txNo}" (topic "${topic}") was rolled back; nothing was done. Try again with the same txNo.`,
      options,
    );
  }
}

/** A check-back fenced this attempt because it was slow: nothing was done and the same txNo may be tried again. */
export class TransactionFencedError extends TxMsgError {
  readonly code = 'TXMSG_TRANSACTION_FENCED';

  constructor(
    /** The txNo of the call. */
    readonly txNo: string,
    /** The random id of the attempt that was fenced; the barrier holds its tombstone. */
    readonly attempt: string,
  ) {
    super(
      `Attempt ${attempt} of txNo "${txNo}" was fenced by a check-back before it could commit; nothing was done. Try again with the same txNo.`,
    );
  }
}

/** The txNo was used before, with other contents; nothing was done. */
export class TxNoConflictError extends TxMsgError {
  readonly code = 'TXMSG_TX_NO_CONFLICT';

  constructor(
    /** The txNo that was used before. */
    readonly txNo: string,
    /** The producer or consumer group that used it. */
    readonly scope: string,
  ) {
    super(
      `txNo "${txNo}" was already used by "${scope}" with other contents; nothing was done. Another transaction needs another txNo.`,
    );
  }
}
