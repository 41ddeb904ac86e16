import { quoted } from './cut-text.js';
import { TxMsgError } from './txmsg.error.js';

/**
 * The options, the listeners or the database are not as the library needs them. `problems` holds every finding, each a
 * full sentence; the message lists them.
 */
export class TxMsgConfigurationError extends TxMsgError {
  readonly code = 'TXMSG_CONFIGURATION';

  /** One sentence for each problem. */
  readonly problems: readonly string[];

  constructor(findings: readonly string[]) {
    const problems = findings.map((finding) => (finding.endsWith('.') ? finding : `${finding}.`));
    const list = problems.map((problem, index) => `  ${index + 1}. ${problem}`).join('\n');
    super(
      `The configuration of txmsg is refused (${problems.length === 1 ? '1 problem' : `${problems.length} problems`}):\n${list}`,
    );
    this.problems = problems;
  }
}

/** A value that the caller passed breaks a rule of this library. Nothing was sent or stored. */
export class InvalidArgumentError extends TxMsgError {
  readonly code: string = 'TXMSG_INVALID_ARGUMENT';

  constructor(
    /** The name of the argument or option. */
    readonly field: string,
    /** The value that was refused. */
    readonly value: unknown,
    /** The rule that the value breaks, in words. */
    readonly rule: string,
  ) {
    super(`${field} ${quoted(value)} is refused: ${rule}`);
  }
}
