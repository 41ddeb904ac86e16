import { TxMsgError } from './txmsg.error.js';

/** The message's body does not parse or does not validate: it can never be consumed. */
export class PoisonMessageError extends TxMsgError {
  readonly code = 'TXMSG_POISON_MESSAGE';

  constructor(detail: string, options?: ErrorOptions) {
    super(`The message cannot be read: ${detail}`, options);
  }
}
