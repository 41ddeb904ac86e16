import { hasLibaio, hasLibrary } from './system-libraries.js';
import { ensureInstalled, probe, type Requirement } from './system-packages.js';

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

/** Sees to it that the machine has what the servers need, or names what is missing. */
export async function ensurePreconditions(
  { mysql, rocketmq, downloads }: Needs,
  onProgress: (line: string) => void,
): Promise<void> {
  const requirements = [
    ...(rocketmq || downloads ? [jdk] : []),
    ...(downloads ? [maven] : []),
    ...(mysql && process.platform === 'linux' ? [libaio, libnuma] : []),
  ];
  await ensureInstalled('The local stack', requirements, onProgress);
}

/** `openjdk version "17.0.15"`; up to Java 8 it was `java version "1.8.0_292"`. */
export function javaMajorVersion(output: string): number {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  return Number((first === '1' ? second : first) ?? 0);
}
