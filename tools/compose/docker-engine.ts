import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { runCommand, type CommandResult } from '../stack/run-command.js';

const PROBE_DEADLINE_MS = 15_000;
/** For each image, from a registry far away. */
const PULL_DEADLINE_MS = 5 * 60_000;

/**
 * Looks whether the containers can run on this machine: an engine answers, `docker compose` is there, and the
 * images are present or can be pulled.
 * @returns why not, in one sentence; undefined when they can
 */
export async function whyNoContainers(say: (line: string) => void): Promise<string | undefined> {
  const engine = await docker(['version', '--format', '{{.Server.Version}}'], PROBE_DEADLINE_MS);
  if (engine.exitCode !== 0) return `no Docker engine answers (${lastLine(engine)})`;
  const compose = await docker(['compose', 'version'], PROBE_DEADLINE_MS);
  if (compose.exitCode !== 0) return `"docker compose" is not there (${lastLine(compose)})`;
  for (const image of neededImages()) {
    if ((await docker(['image', 'inspect', image], PROBE_DEADLINE_MS)).exitCode === 0) continue;
    say(`Pulling ${image} …`);
    const pulled = await docker(['pull', '--quiet', image], PULL_DEADLINE_MS);
    if (pulled.exitCode !== 0) return `image ${image} is not here and cannot be pulled (${lastLine(pulled)})`;
  }
  return undefined;
}

/** Those that are not built here, as these files name them; without what no test starts. */
export function neededImages(): string[] {
  const read = (file: string): string => readFileSync(join(repositoryDirectory, file), 'utf8');
  const compose = read('docker-compose.yml').replace(/^ {2}(?:prometheus|seata):\n(?: {4}.*\n)+/gm, '');
  const dockerfile = `${read('Dockerfile')}\n${read('docker/load-balancer/Dockerfile')}`;
  const stages = new Set([...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, stage]) => stage));
  const named = [
    ...[...compose.matchAll(/^ *image: (\S+)$/gm)].map(([, image]) => image),
    ...[...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base),
  ];
  return [...new Set(named)].filter((image) => image !== undefined).filter((image) => !stages.has(image));
}

export function docker(parameters: readonly string[], deadlineMs: number): Promise<CommandResult> {
  return runCommand('docker', parameters, { deadlineMs, workingDirectory: repositoryDirectory });
}

export function lastLine({ output }: CommandResult): string {
  return output.trim().split('\n').at(-1)?.trim() ?? '';
}
