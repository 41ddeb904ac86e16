import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { SERVICES } from '@txmsg/contracts';
import { buildServices } from '../../e2e/kit/service-build.js';
import { exitCodeOf } from '../program.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { testStack } from './test-stack.js';

/**
 * `npm test [-- <jest arguments>]`: starts the tests' servers, builds the services, runs every tier, stops the
 * servers. With TXMSG_KEEP_TEST_STACK=1 the servers stay up for the next run.
 */
async function main(jestArguments: readonly string[]): Promise<number> {
  const stack = testStack((line) => {
    console.error(line);
  });
  try {
    const environment = await stack.up();
    await buildServices(SERVICES.map(({ name }) => name));
    return await runJest(jestArguments, { ...environment });
  } finally {
    if (process.env.TXMSG_KEEP_TEST_STACK !== '1') await stack.down();
  }
}

const JEST = join(repositoryDirectory, 'node_modules', 'jest', 'bin', 'jest.js');

/** Runs jest to its end; a signal to this process is passed on. */
function runJest(parameters: readonly string[], environment: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, [JEST, ...parameters], {
    cwd: repositoryDirectory,
    env: { ...process.env, ...environment, NODE_OPTIONS: '' },
    stdio: 'inherit',
  });
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  process.on('SIGINT', forward).on('SIGTERM', forward);
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('exit', (code, signal) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve(code ?? (signal === null ? 1 : 130));
    });
  });
}

process.exitCode = await exitCodeOf(main);
