/** An option of a command. */
export interface Option {
  /** What stands for its value in the help; absent for a switch. */
  readonly value?: string;
  /** One line for the help. */
  readonly meaning: string;
}

/** Options by name, without the leading `--`. */
export type Options = Readonly<Record<string, Option>>;

/** What a command is called with. */
export interface Call {
  /** The environment variables. */
  readonly environment: NodeJS.ProcessEnv;
  /** As many as the command has `parameters`. */
  readonly parameters: readonly string[];
  /** Those of its options that have a value, as far as they were given. */
  readonly options: Readonly<Record<string, string | undefined>>;
  /** Those of its options that are switches and were given. */
  readonly switches: ReadonlySet<string>;
  /** True when `--json` was given: the answer is to be one JSON value. */
  readonly asJson: boolean;
  /** Writes the answer to standard output. */
  readonly print: (text: string) => void;
}

/** One row of the table of commands. A program may give its own commands more to work with than `Call` has. */
export interface Command<ProgramCall extends Call = Call> {
  /** Its name, in words: `['dead-letters', 'list']`. */
  readonly words: readonly string[];
  /** The names of its positional parameters, all required. */
  readonly parameters: readonly string[];
  /** One line for the help. */
  readonly summary: string;
  /** Beside those that every command has, `--json` and `--help`. */
  readonly options: Options;
  /** Carries the command out. @returns the exit code. @throws CommandError, UsageError */
  readonly run: (call: ProgramCall) => Promise<number>;
}

/** Options that every command has. */
export const COMMON_OPTIONS = {
  json: { meaning: 'print the answer as JSON' },
  help: { meaning: 'show this' },
} satisfies Options;
