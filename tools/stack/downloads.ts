import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './run-command.js';
import { releaseOf, type SeataVersion } from './seata-version.js';
import { StackError } from './stack-error.js';

/** Bump when pom.xml changes, so that old downloads are not mistaken for the new ones. */
const ROCKETMQ_FOLDER = 'rocketmq-5.4.0';
const MYSQL_FOLDER = 'mysql-8.0.33';
/** Likewise with seata-server.pom.xml. */
const SEATA_FOLDER = 'seata-server';

const pom = fileURLToPath(new URL('pom.xml', import.meta.url));
const seataPom = fileURLToPath(new URL('seata-server.pom.xml', import.meta.url));
const DOWNLOAD_DEADLINE_MS = 20 * 60_000;

type Progress = (line: string) => void;

/** Where RocketMQ's jars are once they have been fetched. */
export function rocketmqFolder(cache: string): string {
  return join(cache, ROCKETMQ_FOLDER);
}

/** Where the unpacked MySQL server is once it has been fetched. */
export function mysqlFolder(cache: string): string {
  return join(cache, `${MYSQL_FOLDER}-${mysqlClassifier() ?? 'unknown'}`);
}

/** Where the jars of this coordinator are once they have been fetched. */
export function seataFolder(cache: string, version: SeataVersion): string {
  return join(cache, `${SEATA_FOLDER}-${releaseOf(version)}`);
}

export function fetchSeata(cache: string, version: SeataVersion, onProgress: Progress): Promise<void> {
  const release = releaseOf(version);
  const what = `Seata ${release} (about 150 MB)`;
  const goals = (output: string): string[] => [
    'dependency:copy-dependencies@seata',
    `-Dseata.version=${release}`,
    `-DoutputDirectory=${output}`,
  ];
  return fetchOnce(seataFolder(cache, version), what, onProgress, goals, seataPom);
}

export function fetchRocketmq(cache: string, onProgress: Progress): Promise<void> {
  return fetchOnce(rocketmqFolder(cache), 'RocketMQ 5.4.0 (about 100 MB)', onProgress, (output) => [
    'dependency:copy-dependencies@rocketmq',
    `-DoutputDirectory=${output}`,
  ]);
}

export async function fetchMysql(cache: string, onProgress: Progress): Promise<void> {
  const classifier = mysqlClassifier();
  if (!classifier) {
    throw new StackError(
      `There is no MySQL download for ${process.platform} on ${process.arch}; name a server of your own: ` +
        'MYSQL_URL=mysql://root:password@host:3306.',
    );
  }
  await fetchOnce(mysqlFolder(cache), 'MySQL 8.0.33 (about 550 MB)', onProgress, (output) => [
    'dependency:unpack@mysql',
    `-Dmysql.platform=${classifier}`,
    `-DoutputDirectory=${output}`,
  ]);
}

/** What the registry calls this kind of machine; undefined when it has nothing for it. */
function mysqlClassifier(): string | undefined {
  const known: Partial<Record<string, string>> = {
    'linux-x64': 'linux-x86_64',
    'linux-arm64': 'linux-aarch64',
    'darwin-x64': 'mac-x86_64',
    // Runs through Rosetta; there is no native build in the registry.
    'darwin-arm64': 'mac-x86_64',
  };
  return known[`${process.platform}-${process.arch}`];
}

/**
 * Everything happens in a temporary folder that is renamed at the end: a folder with the final name is complete,
 * and an interrupted download leaves nothing that could be mistaken for one. One process at a time: see `whileInstalling`.
 *
 * @param goals - what Maven does, and leaves in the folder `output`
 * @param project - a pom, or the folder of a whole project
 */
export async function fetchOnce(
  target: string,
  what: string,
  onProgress: Progress,
  goals: (output: string) => string[],
  project = pom,
): Promise<void> {
  if (existsSync(target)) return;
  onProgress(`Fetching ${what} …`);
  const temporary = `${target}.unfinished`;
  // What a killed predecessor left; only one process at a time comes here.
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  try {
    // Maven leaves notes beside the pom about what it has unpacked; they must not outlive the folder.
    const copy = join(temporary, 'project');
    const isPom = project.endsWith('.xml');
    cpSync(project, isPom ? join(copy, 'pom.xml') : copy, { recursive: true });
    const output = join(temporary, 'output');
    await runMaven(join(copy, 'pom.xml'), goals(output), what);
    renameSync(output, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function runMaven(pomFile: string, goals: readonly string[], what: string): Promise<void> {
  const result = await runCommand('mvn', ['-q', '-B', '-f', pomFile, ...goals], {
    deadlineMs: DOWNLOAD_DEADLINE_MS,
  });
  if (result.exitCode === 0) return;
  if (/No space left on device/i.test(result.output)) {
    throw new StackError(`The disk is full: ${what} could not be unpacked below ${pomFile}.`);
  }
  const errors = result.output.split('\n').filter((line) => line.includes('ERROR'));
  throw new StackError(`Maven could not fetch ${what}: ${errors[0] ?? result.output.trim().slice(-500)}`);
}
