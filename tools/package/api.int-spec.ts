import { expect, it } from '@jest/globals';
import { join } from 'node:path';
import { runCommand } from '../stack/run-command.js';
import { repositoryDirectory } from '../stack/stack-paths.js';

/** It reads every declaration of the library and of what it imports. */
const DEADLINE_MS = 400_000;

it(
  'the library, as it is built, exports what libs/txmsg/api says, and every type that it mentions',
  async () => {
    const program = [join(repositoryDirectory, 'tools', 'bootstrap.mjs'), 'package/api.ts', '--check'];
    const checked = await runCommand(process.execPath, program, {
      deadlineMs: DEADLINE_MS,
      workingDirectory: repositoryDirectory,
    });
    expect(checked).toEqual({ exitCode: 0, output: '' });
  },
  DEADLINE_MS,
);
