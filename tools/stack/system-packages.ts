import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from './run-command.js';
import { StackError } from './stack-error.js';

/** Something that the system must have. */
export interface Requirement {
  readonly what: string;
  /** Debian and Ubuntu packages that bring it, tried in this order: names change between releases. */
  readonly packages: readonly string[];
  isMet(): Promise<boolean>;
}

const PROBE_DEADLINE_MS = 30_000;
const INSTALL_DEADLINE_MS = 15 * 60_000;
const LISTS_LOCK_DEADLINE_MS = 120_000;
const LISTS_LOCK_POLL_MS = 1000;

/**
 * Makes sure that the machine has what a program needs. What is missing is installed when that is possible without
 * asking (root on Debian or Ubuntu), else named, all of it, in one sentence.
 *
 * @param who begins that sentence: "The local stack"
 * @throws StackError when something is still missing
 */
export async function ensureInstalled(
  who: string,
  requirements: readonly Requirement[],
  onProgress: (line: string) => void,
): Promise<void> {
  const missing = await findMissing(requirements);
  if (missing.length === 0) return;
  if (!canInstall()) throw new StackError(describe(who, missing));
  onProgress(`Installing ${missing.map(({ what }) => what).join(', ')} …`);
  await install(missing);
  const stillMissing = await findMissing(requirements);
  if (stillMissing.length > 0) throw new StackError(describe(who, stillMissing));
}

/** Runs a program for a moment, to see whether it is there. */
export function probe(program: string, parameters: readonly string[]): ReturnType<typeof runCommand> {
  return runCommand(program, parameters, { deadlineMs: PROBE_DEADLINE_MS });
}

async function findMissing(requirements: readonly Requirement[]): Promise<Requirement[]> {
  const met = await Promise.all(requirements.map((requirement) => requirement.isMet()));
  return requirements.filter((_, index) => !met[index]);
}

function describe(who: string, missing: readonly Requirement[]): string {
  const list = missing.map(({ what }) => what).join(', and ');
  return `${who} needs ${list}: please install, then run the command again.`;
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
  await update();
  for (const { packages, what } of missing) await installFirstAvailable(packages, what);
}

/** The lists of packages have a lock that apt-get does not wait for; without them nothing is found. Tests install side by side. */
async function update(): Promise<void> {
  const endsAt = Date.now() + LISTS_LOCK_DEADLINE_MS;
  while ((await apt(['update'])).output.includes('Could not get lock') && Date.now() < endsAt) {
    await delay(LISTS_LOCK_POLL_MS);
  }
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
