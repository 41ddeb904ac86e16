import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { BANK1_PORT, BANK2_PORT } from '@txmsg/contracts';
import { adminTokenFile } from '../../e2e/kit/admin-token.js';
import { readFileIfPresent } from '../stack/atomic-file.js';
import type { Bank } from '@txmsg/bank/provisioning';
import { AdminClient } from './admin-client.js';
import { CommandError, UsageError } from './command.error.js';
import { parseArgsOptions, type Command } from './command.js';
import { helpOf, overview } from './help.js';

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** The local stack's folder, where the token of banks that were started here is. */
  readonly stackDirectory: string;
  readonly print: (text: string) => void;
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** Runs what the words of a command line ask for. @returns the exit code. @throws CommandError, UsageError */
export async function runCommandLine(
  words: readonly string[],
  commands: readonly Command[],
  surroundings: Surroundings,
): Promise<number> {
  const command = commands.find((candidate) => startsWith(words, candidate.words));
  if (command === undefined) return explain(words, commands, surroundings);
  const { values, positionals } = parse(words.slice(command.words.length), command);
  if (values.help === true) {
    surroundings.print(helpOf(command));
    return 0;
  }
  if (positionals.length !== command.parameters.length) {
    throw new UsageError(`${positionals.length} parameters were given.\n\n${helpOf(command)}`);
  }
  return command.run({
    get admin() {
      return clientOf(command, values, surroundings);
    },
    environment: surroundings.environment,
    stackDirectory: surroundings.stackDirectory,
    parameters: positionals,
    options: textsOf(values),
    switches: new Set(Object.keys(values).filter((name) => values[name] === true)),
    actor: { by: textOf(values, 'by') ?? userInfo().username, note: textOf(values, 'note') ?? '' },
    asJson: values.json === true,
    print: surroundings.print,
  });
}

/** Help for half a command, or for none. */
function explain(words: readonly string[], commands: readonly Command[], { print }: Surroundings): number {
  const isHelp = words.at(-1) === '--help' || words.at(-1) === '-h' || words.length === 0;
  const begun = isHelp ? words.slice(0, -1) : words;
  const matching = commands.filter((command) => startsWith(command.words, begun));
  if (isHelp && matching.length > 0) {
    print(overview(matching));
    return words.length === 0 ? 2 : 0;
  }
  const given = words.join(' ').slice(0, 100);
  const known = matching.length > 0 ? matching : commands;
  throw new UsageError(`There is no command "${given}".\n\n${overview(known)}`);
}

function parse(words: readonly string[], command: Command): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], options: parseArgsOptions(command), allowPositionals: true }) as {
      values: Values;
      positionals: string[];
    };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${helpOf(command)}`);
  }
}

function clientOf(command: Command, values: Values, surroundings: Surroundings): AdminClient {
  const bank = textOf(values, 'bank') ?? command.bank;
  if (bank !== 'bank1' && bank !== 'bank2') {
    throw new UsageError(`--bank is "${bank}": it must be bank1 or bank2.`);
  }
  const origin = originOf(textOf(values, 'url'), bank);
  return new AdminClient(bank, origin, tokenOf(textOf(values, 'token-file'), surroundings));
}

function originOf(url: string | undefined, bank: Bank): string {
  if (url === undefined) return `http://127.0.0.1:${bank === 'bank1' ? BANK1_PORT : BANK2_PORT}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isBase = /^https?:$/.test(parsed?.protocol ?? '') && parsed?.pathname === '/' && parsed.search === '';
  if (!isBase) throw new UsageError(`--url is "${url}": it must be of the form http://host:port.`);
  return parsed.origin;
}

function tokenOf(file: string | undefined, surroundings: Surroundings): string {
  const token = givenToken(file, surroundings)?.trim();
  // What is no token would otherwise be an unreadable complaint of fetch.
  if (token !== undefined && /^[\x21-\x7e]{1,256}$/.test(token)) return token;
  if (file !== undefined) throw new CommandError(`--token-file ${file} holds no admin token.`);
  throw new CommandError(
    'There is no admin token: set ADMIN_TOKEN, or name a file with --token-file. Banks that are started with ' +
      '"npm start" leave theirs where this command finds it.',
  );
}

function givenToken(
  file: string | undefined,
  { environment: { ADMIN_TOKEN }, stackDirectory }: Surroundings,
): string | undefined {
  if (file === undefined && ADMIN_TOKEN) return ADMIN_TOKEN;
  const path = file ?? adminTokenFile(stackDirectory);
  try {
    return readFileIfPresent(path);
  } catch (error) {
    throw new CommandError(`The admin token cannot be read: ${(error as Error).message}.`);
  }
}

function startsWith(words: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((word, index) => words[index] === word);
}

function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function textsOf(values: Values): Record<string, string | undefined> {
  return Object.fromEntries(Object.keys(values).map((name) => [name, textOf(values, name)]));
}
