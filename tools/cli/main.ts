import 'reflect-metadata';
import { CommandError, UsageError } from 'txmsg/cli';
import { defaultStackDirectory } from '../stack/stack-paths.js';
import { COMMANDS } from './commands.js';
import { runCommandLine } from './run.js';

try {
  process.exitCode = await runCommandLine(process.argv.slice(2), COMMANDS, {
    environment: process.env,
    stackDirectory: defaultStackDirectory(),
    print: (text) => {
      console.log(text);
    },
  });
} catch (error) {
  if (!(error instanceof CommandError) && !(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : error.exitCode;
}
