import { InvalidArgumentError } from './configuration.errors.js';
import { excerpt } from './cut-text.js';
import { TxMsgError } from './txmsg.error.js';

/** Longer details are cut. */
const DETAIL_CHARACTERS_MAX = 1000;

/** The message's body cannot be parsed or validated, so it can never be consumed: a dead letter at once. */
export class PoisonMessageError extends TxMsgError {
  readonly code = 'TXMSG_POISON_MESSAGE';

  constructor(detail: string, options?: ErrorOptions) {
    super(`The message cannot be read: ${excerpt(detail, DETAIL_CHARACTERS_MAX)}`, options);
  }
}

/**
 * The message is larger than a consumer with the same limits would read (option `messageLimits`). Nothing was sent or
 * stored.
 */
export class MessageTooLargeError extends InvalidArgumentError {
  override readonly code = 'TXMSG_MESSAGE_TOO_LARGE';

  constructor(
    /** The size of the payload as JSON, in bytes. */
    readonly bodyBytes: number,
    excess: string,
  ) {
    super('payload', `${bodyBytes} bytes of JSON`, `${excess}; see the option messageLimits`);
  }
}

/** The message is older than the barrier's retention: the row that would tell a duplicate may be deleted already. */
export class MessageExpiredError extends TxMsgError {
  readonly code = 'TXMSG_MESSAGE_EXPIRED';

  constructor(readonly sentAtMs: number) {
    super(
      `The message was first sent at ${new Date(sentAtMs).toISOString()}, which is longer ago than barrier rows are kept (option barrierRetentionMs): whether it was consumed before cannot be told.`,
    );
  }
}
