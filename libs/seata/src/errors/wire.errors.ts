import { SeataError } from './seata.error.js';

/** What came is no frame or message of Seata's protocol. The connection that it came from is closed. */
export class MalformedFrameError extends SeataError {
  readonly code = 'SEATA_MALFORMED_FRAME';

  constructor(
    /** What is wrong with it. */
    readonly problem: string,
  ) {
    super(`The Seata coordinator sent what is not its protocol: ${problem}. The connection was closed.`);
  }
}

/** A value does not fit into the message that must carry it; the message was not sent. */
export class MessageNotEncodableError extends SeataError {
  readonly code = 'SEATA_MESSAGE_NOT_ENCODABLE';

  constructor(
    /** The message. */
    readonly messageType: string,
    /** What is wrong with it. */
    readonly problem: string,
  ) {
    super(`The message "${messageType}" was not sent to the Seata coordinator: ${problem}.`);
  }
}
