/** A wrong call: standard error says why, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** It could not be done: the message is what the user reads. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    /** The exit code of the program. @default 1 */
    readonly exitCode = 1,
  ) {
    super(message);
  }
}
