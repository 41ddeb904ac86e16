import { InvalidArgumentError } from './configuration.errors.js';
import { excerpt } from './cut-text.js';
import { TxMsgError } from './txmsg.error.js';

/** Long enough for a dozen broken rules. */
const DETAIL_CHARACTERS_MAX = 1000;

/** The message's body does not parse or does not validate: it can never be consumed. */
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
    readonly bodyBytes: number,
    excess: string,
  ) {
    super('payload', `${bodyBytes} bytes of JSON`, `${excess}; see the option messageLimits`);
  }
}
