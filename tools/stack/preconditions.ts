import { join } from 'node:path';
import { hasLibaio, hasLibrary } from './system-libraries.js';
import { ensureInstalled, probe, type Requirement } from './system-packages.js';

const JAVA_VERSION_MIN = 17;

/** The program that runs the servers: that of JAVA_HOME, where it is set, otherwise that on the PATH. */
export function javaProgram(): string {
  const home = process.env.JAVA_HOME;
  return home ? join(home, 'bin', 'java') : 'java';
}

/** @returns 0 when it cannot be run */
export async function javaVersion(): Promise<number> {
  return javaMajorVersion((await probe(javaProgram(), ['-version'])).output);
}

function jdk(): Requirement {
  const home = process.env.JAVA_HOME;
  const place = home ? ` in JAVA_HOME (${home}), or no JAVA_HOME` : '';
  return {
    what: `a JDK, version ${JAVA_VERSION_MIN} or later${place}`,
    packages: ['default-jdk-headless', 'openjdk-17-jdk-headless'],
    isMet: async () => (await javaVersion()) >= JAVA_VERSION_MIN,
  };
}

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
  /** Whether a server is a program of Java. */
  readonly java: boolean;
  /** Whether something is still to be downloaded. */
  readonly downloads: boolean;
}

/** Makes sure that the machine has what the servers need, or names what is missing. */
export async function ensurePreconditions(
  { mysql, java, downloads }: Needs,
  onProgress: (line: string) => void,
): Promise<void> {
  const requirements = [
    ...(java || downloads ? [jdk()] : []),
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
