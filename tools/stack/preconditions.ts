import { readFileSync } from 'node:fs';
import { runCommand } from './run-command.js';
import { StackError } from './stack-error.js';
import { hasLibaio, hasLibrary } from './system-libraries.js';

interface Requirement {
  readonly what: string;
  /** Debian and Ubuntu packages that bring it, tried in this order: names change between releases. */
  readonly packages: readonly string[];
  isMet(): Promise<boolean>;
}

const PROBE_DEADLINE_MS = 30_000;
const INSTALL_DEADLINE_MS = 15 * 60_000;
const JAVA_VERSION_MIN = 17;

const jdk: Requirement = {
  what: `a JDK, version ${JAVA_VERSION_MIN} or later`,
  packages: ['default-jdk-headless', 'openjdk-17-jdk-headless'],
  isMet: async () => javaMajorVersion((await probe('java', ['-version'])).output) >= JAVA_VERSION_MIN,
};

const maven: Requirement = {
  what: 'Maven (mvn)',
  packages: ['maven'],
  isMet: async () => (await probe('mvn', ['--version'])).exitCode === 0,
};

/** MySQL's server loads these from the system. */
const libaio: Requirement = {
  what: 'libaio.so.1 (Debian: libaio1)',
  packages: ['libaio1', 'libaio1t64'],
  isMet: hasLibaio,
};
const libnuma: Requirement = {
  what: 'libnuma.so.1 (Debian: libnuma1)',
  packages: ['libnuma1'],
  isMet: () => hasLibrary('libnuma.so.1'),
};

export interface Needs {
  readonly mysql: boolean;
  readonly rocketmq: boolean;
  /** Whether something is still to be downloaded. */
  readonly downloads: boolean;
}

/**
 * Sees to it that the machine has what the servers need. What is missing is installed when that is possible
 * without asking (root on Debian or Ubuntu), else named, all of it, in one sentence.
 */
export async function ensurePreconditions(needs: Needs, onProgress: (line: string) => void): Promise<void> {
  const missing = await findMissing(needs);
  if (missing.length === 0) return;
  if (!canInstall()) throw new StackError(describe(missing));
  onProgress(`Installing ${missing.map(({ what }) => what).join(', ')} …`);
  await install(missing);
  const stillMissing = await findMissing(needs);
  if (stillMissing.length > 0) throw new StackError(describe(stillMissing));
}

async function findMissing({ mysql, rocketmq, downloads }: Needs): Promise<Requirement[]> {
  const requirements = [
    ...(rocketmq || downloads ? [jdk] : []),
    ...(downloads ? [maven] : []),
    ...(mysql && process.platform === 'linux' ? [libaio, libnuma] : []),
  ];
  const met = await Promise.all(requirements.map((requirement) => requirement.isMet()));
  return requirements.filter((_, index) => !met[index]);
}

function describe(missing: readonly Requirement[]): string {
  const list = missing.map(({ what }) => what).join(', and ');
  return `The local stack needs ${list}: please install, then run the command again.`;
}

function canInstall(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    return /^(ID|ID_LIKE)=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

async function install(missing: readonly Requirement[]): Promise<void> {
  await apt(['update']);
  for (const { packages, what } of missing) await installFirstAvailable(packages, what);
}

async function installFirstAvailable(packages: readonly string[], what: string): Promise<void> {
  let output = '';
  for (const name of packages) {
    const result = await apt(['install', '-y', '--no-install-recommends', name]);
    if (result.exitCode === 0) return;
    output = result.output;
  }
  const reason = output.trim().split('\n').at(-1) ?? '';
  throw new StackError(`apt-get could not install ${what}: ${reason}`);
}

function apt(parameters: readonly string[]): ReturnType<typeof runCommand> {
  return runCommand('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-q', ...parameters], {
    deadlineMs: INSTALL_DEADLINE_MS,
    environment: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function probe(program: string, parameters: readonly string[]): ReturnType<typeof runCommand> {
  return runCommand(program, parameters, { deadlineMs: PROBE_DEADLINE_MS });
}

/** `openjdk version "17.0.15"`; up to Java 8 it was `java version "1.8.0_292"`. */
export function javaMajorVersion(output: string): number {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  return Number((first === '1' ? second : first) ?? 0);
}
