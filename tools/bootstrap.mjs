// Runs a program of this folder, so that a fresh clone needs nothing but Node: installs the packages when the
// lockfile has changed since, then runs the TypeScript as it stands. Only `node:` imports are possible here.
//
//   node tools/bootstrap.mjs stack/main.ts up
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, utimes, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const toolsDirectory = dirname(fileURLToPath(import.meta.url));
const root = dirname(toolsDirectory);
const lockfile = join(root, 'package-lock.json');
const stamp = join(root, 'node_modules', '.txmsg-lockfile');
const installLock = join(root, '.stack', 'install.lock');

/** When the program could not even begin. Not 1, which a program may give a meaning, as an audit does. */
const NOT_BEGUN = 4;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const LOCK_POLL_MS = 300;
const LOCK_RENEW_MS = 1000;
/** Longer than a busy machine keeps a process from renewing its lock; one that was stopped for longer notices the loss. */
const LOCK_STALE_MS = 15_000;
const LOCK_DEADLINE_MS = 15 * 60_000;

function assertNodeVersion() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const found = process.versions.node.split('.').map(Number);
  const fits = engines.node.split('||').some((range) => {
    const [, operator, ...numbers] = /(\^|>=)(\d+)\.(\d+)\.(\d+)/.exec(range);
    const [major, minor, patch] = numbers.map(Number);
    const isLater = found[0] - major || found[1] - minor || found[2] - patch;
    return isLater >= 0 && (operator === '>=' || found[0] === major);
  });
  if (fits) return;
  console.error(`Node ${engines.node} is needed; this is ${process.versions.node}.`);
  process.exit(NOT_BEGUN);
}

function lockfileHash() {
  return createHash('sha256').update(readFileSync(lockfile)).digest('hex');
}

function isInstalled() {
  try {
    return readFileSync(stamp, 'utf8') === lockfileHash();
  } catch {
    return false;
  }
}

/** Whether `npm ci` was run by hand: npm's own note of what it installed agrees with the lockfile. */
function isInstalledByHand() {
  try {
    const wanted = JSON.parse(readFileSync(lockfile, 'utf8')).packages;
    const present = JSON.parse(
      readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8'),
    ).packages;
    return Object.entries(wanted).every(
      ([path, { optional, integrity, link }]) =>
        !path.includes('node_modules/') ||
        (present[path] ? present[path].integrity === integrity && present[path].link === link : optional),
    );
  } catch {
    return false;
  }
}

/** @returns the exit code; 0 when the packages are there */
async function install() {
  if (isInstalled()) return 0;
  const lock = await takeInstallLock();
  try {
    if (isInstalled()) return 0;
    const exitCode = isInstalledByHand() ? 0 : await runNpmCi();
    if (exitCode !== 0) return exitCode;
    if (!lock.isOurs()) {
      console.error('Another process has installed the packages at the same time: run the command again.');
      return NOT_BEGUN;
    }
    writeFileSync(stamp, lockfileHash());
    return 0;
  } finally {
    lock.release();
  }
}

/**
 * The lock is a file that its owner touches again and again; one that was left alone no longer counts. The pid of its
 * owner would say nothing: in another container, or after a restart, another process has it.
 */
async function takeInstallLock() {
  const owner = randomUUID();
  const endsAtMs = Date.now() + LOCK_DEADLINE_MS;
  const watch = staleWatch();
  for (let announced = false; !(await tryInstallLock(owner, watch)); announced = true) {
    if (Date.now() > endsAtMs) {
      console.error(
        `Another process is installing the packages all the time: end it, or delete ${installLock}.`,
      );
      process.exit(NOT_BEGUN);
    }
    if (!announced) console.error('Waiting for another process that is installing the packages …');
    await sleep(LOCK_POLL_MS);
  }
  const renewing = setInterval(() => {
    if (isLockOf(owner)) utimes(installLock, new Date(), new Date(), () => undefined);
  }, LOCK_RENEW_MS);
  return {
    isOurs: () => isLockOf(owner),
    release: () => {
      clearInterval(renewing);
      if (isLockOf(owner)) rmSync(installLock, { force: true });
    },
  };
}

async function tryInstallLock(owner, isLockStale) {
  if (isLockStale()) rmSync(installLock, { force: true });
  mkdirSync(dirname(installLock), { recursive: true });
  try {
    writeFileSync(installLock, owner, { flag: 'wx' });
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  // Two processes that found the same stale lock may both write it; the later one wins.
  await sleep(50);
  return isLockOf(owner);
}

/** Whether the lock has not changed for so long, by our own clock: the one that set its time may be another machine's. */
function staleWatch() {
  let seen = '';
  let seenAt = 0;
  return () => {
    const now = lockState();
    if (now === seen) return now !== '' && performance.now() - seenAt > LOCK_STALE_MS;
    seen = now;
    seenAt = performance.now();
    return false;
  };
}

function lockState() {
  try {
    return `${readFileSync(installLock, 'utf8')} ${statSync(installLock).mtimeMs}`;
  } catch {
    return '';
  }
}

function isLockOf(owner) {
  try {
    return readFileSync(installLock, 'utf8') === owner;
  } catch {
    return false;
  }
}

async function runNpmCi() {
  console.error('Installing the packages …');
  const npm = process.env.npm_execpath ?? 'npm';
  // Settings of the machine may leave out what the programs here need.
  const parameters = ['ci', '--ignore-scripts', '--include=dev', '--include=optional'];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const isScript = /\.[cm]?js$/.test(npm);
  const [program, first] = isScript ? [process.execPath, [npm]] : [npm, []];
  // Under `npm run demo -- …` npm describes that call in variables, which this one must not take for its own.
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^npm_(command|lifecycle|package)/.test(name),
  );
  const child = spawn(program, [...first, ...parameters, ...quiet], {
    cwd: root,
    env: Object.fromEntries(environment),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = () => child.kill();
  for (const signal of SIGNALS) process.once(signal, stop);
  const exitCode = await exitCodeOf(child);
  for (const signal of SIGNALS) process.off(signal, stop);
  if (exitCode === 0) return 0;
  console.error(`"npm ci" failed with exit code ${exitCode}; its messages are above.`);
  // What is above 128 tells of the signal that ended it.
  return exitCode > 128 ? exitCode : NOT_BEGUN;
}

function runProgram([script, ...parameters]) {
  // A terminal sends Ctrl-C to the whole group, so the program has it already; `kill` reaches only us.
  const typedByUser = (signal) => signal === 'SIGINT' && process.stdin.isTTY;
  const child = spawn(
    process.execPath,
    [
      // Workspace packages are loaded from their sources.
      '--conditions=txmsg-source',
      ...['--import', pathToFileURL(join(toolsDirectory, 'end-with-parent.mjs')).href],
      ...['--import', import.meta.resolve('@swc-node/register/esm-register')],
      join(toolsDirectory, script),
      ...parameters,
    ],
    {
      cwd: root,
      env: {
        ...process.env,
        TXMSG_PARENT_PID: String(process.pid),
        // The compiler options: decorators with metadata, NodeNext.
        SWC_NODE_PROJECT: join(root, 'tsconfig.json'),
      },
      stdio: 'inherit',
    },
  );
  for (const signal of SIGNALS) process.on(signal, () => typedByUser(signal) || child.kill(signal));
  if (process.env.npm_lifecycle_event) stopWithParent(child);
  return exitCodeOf(child);
}

/**
 * npm runs a script through a shell. Written as `exec node …` the shell is gone and npm is our parent; else the
 * shell stands between, ends by a signal without passing it on, and outlives a killed npm: then both are watched.
 * npm's own parent is not watched: it may end and leave npm in the background.
 */
function stopWithParent(child) {
  const parent = process.ppid;
  const npm = isShell(parent) ? parentOf(parent) : undefined;
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || parentOf(parent) === npm)) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, 300);
  timer.unref();
}

/** Where there is no /proc, only the parent is watched. */
function parentOf(pid) {
  return /^PPid:\s*(\d+)/m.exec(statusOf(pid))?.[1];
}

function isShell(pid) {
  return /^Name:\s*\w*sh$/m.test(statusOf(pid));
}

function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

function exitCodeOf(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

assertNodeVersion();
try {
  process.exitCode = (await install()) || (await runProgram(process.argv.slice(2)));
} catch (error) {
  console.error(error);
  process.exitCode = NOT_BEGUN;
}
