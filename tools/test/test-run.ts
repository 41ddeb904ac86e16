import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { SERVICES } from '@txmsg/contracts';
import { buildServices } from '../../e2e/kit/service-build.js';
import { DEFAULT_SEATA_VERSION, type SeataVersion } from '../stack/seata-version.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { SeataTestServers } from './seata-test-servers.js';
import { testStack } from './test-stack.js';

const JEST = [
  // Without them jest.preset.mjs starts jest anew, as a child that no signal reaches.
  ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  join(repositoryDirectory, 'node_modules', 'jest', 'bin', 'jest.js'),
];

/**
 * Starts the tests' servers, builds the services, runs jest, stops the servers. With TXMSG_KEEP_TEST_STACK=1 the servers
 * stay up for the next run.
 * @returns jest's exit code
 */
export async function runTests(
  jestArguments: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  seataVersions: readonly SeataVersion[] = [DEFAULT_SEATA_VERSION],
): Promise<number> {
  const onProgress = (line: string): void => {
    console.error(line);
  };
  const stack = testStack(onProgress);
  let seata: SeataTestServers | undefined;
  try {
    const environment = await stack.up();
    seata = await SeataTestServers.start(stack.directory, environment.MYSQL_ROOT_URL, onProgress);
    await Promise.all([buildServices(SERVICES.map(({ name }) => name)), seata.prepare(seataVersions)]);
    return await runJest(jestArguments, { ...environment, SEATA_TEST_SERVERS: seata.url, ...settings });
  } finally {
    await seata?.stop();
    if (process.env.TXMSG_KEEP_TEST_STACK !== '1') await stack.down();
  }
}

/** Runs jest to its end; a signal to this process is passed on. */
function runJest(parameters: readonly string[], environment: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, [...JEST, ...parameters], {
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
