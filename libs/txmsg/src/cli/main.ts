#!/usr/bin/env node
import { parseCommandLine } from './command-line.js';
import { failureOf, UsageError } from './command.error.js';
import type { Call } from './command.js';
import type { ProgramName } from './help.js';
import { schemaCommands, type SchemaDatabase } from './schema.commands.js';

/** The program `txmsg` of the package. The repository's `npm run txmsg` adds the operators' commands to these. */
const PROGRAM: ProgramName = {
  call: 'npx txmsg',
  notes: [
    'Every command explains itself with --help. Exit codes: 0 done, 1 failed, 2 wrong call; status: 1 changes are needed, 3 not readable; 4 a defect.',
  ],
};

const COMMANDS = schemaCommands<Call>({
  program: PROGRAM.call,
  meaning: 'the database is the one of --url, or of the variable MYSQL_URL',
  options: { url: { value: 'mysql://user:password@host:port/database', meaning: 'default: MYSQL_URL' } },
  find: databaseOf,
});

function databaseOf({ options, environment }: Call): SchemaDatabase[] {
  const url = options.url ?? environment.MYSQL_URL;
  if (url === undefined || url === '') {
    throw new UsageError('There is no database to look at: give --url, or set MYSQL_URL.');
  }
  return [{ url }];
}

async function main(words: readonly string[]): Promise<number> {
  const print = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  const parsed = parseCommandLine(words, COMMANDS, PROGRAM, print);
  if (typeof parsed === 'number') return parsed;
  const { command, ...given } = parsed;
  return command.run({ ...given, environment: process.env, print });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = failureOf(error, (text) => {
    process.stderr.write(`${text}\n`);
  });
}
