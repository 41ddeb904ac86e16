import 'reflect-metadata';
import { failureOf } from 'txmsg/cli';
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
  process.exitCode = failureOf(error, (text) => {
    console.error(text);
  });
}
