import { SERVICES, type ServiceName } from '@txmsg/contracts';
import type { Call as LibraryCall, Command as LibraryCommand, Options } from 'txmsg/cli';
import type { AdminClient } from './admin-client.js';

/** What a command is called with. */
export interface Call extends LibraryCall {
  /** For commands that have a `bank`. */
  readonly admin: AdminClient;
  readonly stackDirectory: string;
  /** Who does it and why, for calls that change something. */
  readonly actor: { readonly by: string; readonly note: string };
}

/** One row of the table of commands. */
export interface Command extends LibraryCommand<Call> {
  /** The service that is asked unless `--bank` says otherwise; absent when the command asks none. */
  readonly bank?: ServiceName;
  /** @default false */
  readonly changes?: boolean;
}

/** Further options of commands that ask a service. */
const bankOptions = (bank: ServiceName): Options => ({
  bank: { value: SERVICES.map(({ name }) => name).join('|'), meaning: `the bank to ask; default: ${bank}` },
  url: { value: 'http://host:port', meaning: 'where it runs; default: this machine, the usual port' },
  'token-file': {
    value: 'file',
    meaning: 'holds the admin token; default: ADMIN_TOKEN, else that of the banks started here',
  },
});

/** Further options of commands that change something. */
const ACTOR_OPTIONS: Options = {
  by: { value: 'name', meaning: 'who does it; default: your user name' },
  note: { value: 'text', meaning: 'why; kept with the record' },
};

/** The command with all options that it has by what it is. */
export function withAllOptions(command: Command): Command {
  return {
    ...command,
    options: {
      ...command.options,
      ...(command.changes === true ? ACTOR_OPTIONS : {}),
      ...(command.bank === undefined ? {} : bankOptions(command.bank)),
    },
  };
}
