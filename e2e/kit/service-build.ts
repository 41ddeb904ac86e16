import { join } from 'node:path';
import { cacheDirectory, repositoryDirectory } from '../../tools/stack/stack-paths.js';
import { runCommand } from '../../tools/stack/run-command.js';
import { StackError } from '../../tools/stack/stack-error.js';
import { withLock } from '../../tools/stack/stack-lock.js';
import type { ServiceName } from '@txmsg/contracts';

/** Fourteen services on a machine that is busy with other things. */
const BUILD_DEADLINE_MS = 15 * 60_000;
/** A build that finds everything in nx's cache takes two seconds; more is worth a word. */
const ANNOUNCE_AFTER_MS = 3000;

/**
 * Builds the services and the libraries they use, as far as their sources have changed. One at a time: two that
 * start together would write the libraries' `dist` under each other's eyes.
 */
export async function buildServices(services: readonly ServiceName[]): Promise<void> {
  const announcement = setTimeout(() => {
    console.error(`Building ${services.join(', ')} …`);
  }, ANNOUNCE_AFTER_MS);
  const lock = { what: 'building the services', deadlineMs: BUILD_DEADLINE_MS, onWait: () => undefined };
  try {
    await withLock(join(cacheDirectory(), 'build.lock'), lock, () => runNx(services));
  } finally {
    clearTimeout(announcement);
  }
}

async function runNx(services: readonly ServiceName[]): Promise<void> {
  const projects = services.map((service) => `@txmsg/${service}`).join(',');
  const nx = join(repositoryDirectory, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
  const parameters = [nx, 'run-many', '-t', 'build', '-p', projects, '--output-style=static'];
  const result = await runCommand(process.execPath, parameters, {
    deadlineMs: BUILD_DEADLINE_MS,
    workingDirectory: repositoryDirectory,
  });
  if (result.exitCode !== 0)
    throw new StackError(`The services could not be built:\n${result.output.trim()}`);
}
