import { TxMsgError } from './txmsg.error.js';

/**
 * A call to the broker failed. Whether the broker acted on it is not known: a lost answer looks the same as a request that
 * never arrived.
 */
export class BrokerError extends TxMsgError {
  readonly code: string = 'TXMSG_BROKER';

  constructor(
    /** What was being done, as in "receiving messages". */
    readonly operation: string,
    /** The topic, by its name at the broker. */
    readonly topic: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`${operation} on topic "${topic}" failed: ${detail}`, options);
  }
}

/**
 * The broker went away under the call, or is overloaded: it has decided nothing about it, and the same call may succeed later.
 */
export class BrokerUnavailableError extends BrokerError {
  override readonly code = 'TXMSG_BROKER_UNAVAILABLE';
}

/** The call did not end within its deadline. */
export class BrokerTimeoutError extends BrokerError {
  override readonly code = 'TXMSG_BROKER_TIMEOUT';

  constructor(
    operation: string,
    topic: string,
    /** The deadline that passed, in ms. */
    readonly timeoutMs: number,
    options?: ErrorOptions,
    /** The address that was asked, and where it came from. */
    tried?: string,
  ) {
    super(operation, topic, `no answer within ${timeoutMs} ms${tried ? ` from ${tried}` : ''}`, options);
  }
}

/** There is no connection to the broker now; nothing was sent. The client keeps trying by itself. */
export class BrokerNotReadyError extends BrokerError {
  override readonly code = 'TXMSG_BROKER_NOT_READY';

  constructor(operation: string, topic: string, options?: ErrorOptions, reason?: string) {
    const why = reason === undefined ? '' : ` (${reason})`;
    super(
      operation,
      topic,
      `there is no connection to RocketMQ at the moment${why}; it is being re-established`,
      options,
    );
  }
}

/**
 * The proxy no longer knows this half message (it was restarted, or 30 s have passed), or, by remoting, the broker no longer holds
 * it where it was stored; a check-back follows.
 */
export class HalfMessageForgottenError extends BrokerError {
  override readonly code = 'TXMSG_HALF_MESSAGE_FORGOTTEN';

  constructor(topic: string, options?: ErrorOptions) {
    super(
      'ending the half message',
      topic,
      'the broker no longer knows this transaction; it will check back',
      options,
    );
  }
}
