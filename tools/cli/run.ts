import { userInfo } from 'node:os';
import { isServiceName, serviceNamed, SERVICES, type ServiceName } from '@txmsg/contracts';
import { CommandError, parseCommandLine, UsageError, type ProgramName } from 'txmsg/cli';
import { adminTokenFile } from '../../e2e/kit/admin-token.js';
import { readFileIfPresent } from '../stack/atomic-file.js';
import { AdminClient } from './admin-client.js';
import { withAllOptions, type Call, type Command } from './command.js';

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** The local stack's folder, where the token of banks that were started here is. */
  readonly stackDirectory: string;
  readonly print: (text: string) => void;
}

const PROGRAM: ProgramName = {
  call: 'npm run txmsg --',
  notes: [
    'Every command explains itself with --help. Exit codes: 0 done, 1 failed, 2 wrong call, 4 unexpected (a defect, or this program could not be installed); audit: 1 disagreements, 3 not readable; status: 1 changes are needed, 3 not readable.',
    'For programs: npm run --silent txmsg -- <command> --json',
  ],
};

/** Runs what the words of a command line ask for. @returns the exit code. @throws CommandError, UsageError */
export async function runCommandLine(
  words: readonly string[],
  commands: readonly Command[],
  surroundings: Surroundings,
): Promise<number> {
  const parsed = parseCommandLine(words, commands.map(withAllOptions), PROGRAM, surroundings.print);
  if (typeof parsed === 'number') return parsed;
  const { command, ...given } = parsed;
  return command.run({
    ...given,
    ...surroundings,
    get admin() {
      return clientOf(command, given.options, surroundings);
    },
    actor: { by: given.options.by ?? userInfo().username, note: given.options.note ?? '' },
  });
}

function clientOf(command: Command, options: Call['options'], surroundings: Surroundings): AdminClient {
  const service = options.bank ?? command.bank;
  if (!isServiceName(service)) {
    const names = SERVICES.map(({ name }) => name).join(' or ');
    throw new UsageError(`--bank is "${service}": it must be ${names}.`);
  }
  const origin = originOf(options.url, service);
  return new AdminClient(service, origin, tokenOf(options['token-file'], surroundings));
}

function originOf(url: string | undefined, service: ServiceName): string {
  if (url === undefined) return `http://127.0.0.1:${serviceNamed(service).port}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isBase = /^https?:$/.test(parsed?.protocol ?? '') && parsed?.pathname === '/' && parsed.search === '';
  if (!isBase) throw new UsageError(`--url is "${url}": it must be of the form http://host:port.`);
  return parsed.origin;
}

function tokenOf(file: string | undefined, surroundings: Surroundings): string {
  const token = givenToken(file, surroundings)?.trim();
  // fetch would refuse an invalid token with an unreadable message.
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
