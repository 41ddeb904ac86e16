import type { ParseArgsConfig } from 'node:util';
import type { Bank } from '@txmsg/bank/provisioning';
import type { AdminClient } from './admin-client.js';

export interface Option {
  /** What stands for its value in the help; absent for a switch. */
  readonly value?: string;
  readonly meaning: string;
}

/** What a command is called with. */
export interface Call {
  /** For commands that have a `bank`. */
  readonly admin: AdminClient;
  readonly environment: NodeJS.ProcessEnv;
  readonly stackDirectory: string;
  /** As many as the command has `parameters`. */
  readonly parameters: readonly string[];
  /** The command's own options, as far as they were given. */
  readonly options: Readonly<Record<string, string | undefined>>;
  /** Those of its options that are switches and were given. */
  readonly switches: ReadonlySet<string>;
  /** Who does it and why, for calls that change something. */
  readonly actor: { readonly by: string; readonly note: string };
  readonly asJson: boolean;
  readonly print: (text: string) => void;
}

/** One row of the table of commands. */
export interface Command {
  /** Its name, in words: `['dead-letters', 'list']`. */
  readonly words: readonly string[];
  /** The names of its positional parameters, all required. */
  readonly parameters: readonly string[];
  readonly summary: string;
  /** The bank that is asked unless `--bank` says otherwise; absent when the command asks none. */
  readonly bank?: Bank;
  readonly changes: boolean;
  readonly options: Readonly<Record<string, Option>>;
  /** @returns the exit code. @throws CommandError, UsageError */
  readonly run: (call: Call) => Promise<number>;
}

/** Further options of commands that ask a bank. */
export const BANK_OPTIONS = {
  bank: { value: 'bank1|bank2', meaning: 'the bank to ask' },
  url: { value: 'http://host:port', meaning: 'where it runs; default: this machine, the usual port' },
  'token-file': {
    value: 'file',
    meaning: 'holds the admin token; default: ADMIN_TOKEN, else that of the banks started here',
  },
} satisfies Record<string, Option>;

/** Options that every command has. */
export const COMMON_OPTIONS = {
  json: { meaning: 'print the answer as JSON' },
  help: { meaning: 'show this' },
} satisfies Record<string, Option>;

/** Further options of commands that change something. */
export const ACTOR_OPTIONS = {
  by: { value: 'name', meaning: 'who does it; default: your user name' },
  note: { value: 'text', meaning: 'why; kept with the record' },
} satisfies Record<string, Option>;

export function optionsOf(command: Command): Readonly<Record<string, Option>> {
  return {
    ...command.options,
    ...(command.changes ? ACTOR_OPTIONS : {}),
    ...(command.bank === undefined ? {} : BANK_OPTIONS),
    ...COMMON_OPTIONS,
  };
}

export function parseArgsOptions(command: Command): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(optionsOf(command)).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
}
