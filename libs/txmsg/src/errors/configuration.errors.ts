import { quoted } from './cut-text.js';
import { TxMsgError } from './txmsg.error.js';

/** The configuration is wrong, so the library does not start. `problems` lists everything that was found. */
export class TxMsgConfigurationError extends TxMsgError {
  readonly code = 'TXMSG_CONFIGURATION';

  constructor(readonly problems: readonly string[]) {
    super(`txmsg cannot start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** A value that the caller passed breaks a rule of this library. Nothing was sent or stored. */
export class InvalidArgumentError extends TxMsgError {
  readonly code: string = 'TXMSG_INVALID_ARGUMENT';

  constructor(
    readonly field: string,
    readonly value: unknown,
    readonly rule: string,
  ) {
    super(`${field} ${quoted(value)} is refused: ${rule}`);
  }
}
