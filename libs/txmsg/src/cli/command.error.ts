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

/** Not 1, which a command may give a meaning. The repository's tools/bootstrap.mjs has the same. */
const UNEXPECTED = 4;

/** Tells why a command ended with an error: a defect with its stack. @returns the exit code, 4 for a defect */
export function failureOf(error: unknown, print: (text: string) => void): number {
  if (error instanceof UsageError || error instanceof CommandError) {
    print(error.message);
    return error instanceof UsageError ? 2 : error.exitCode;
  }
  print(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return UNEXPECTED;
}
