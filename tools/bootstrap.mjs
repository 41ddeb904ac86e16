// Runs a program of this folder, so that a fresh clone needs nothing but Node: installs the packages when the
// lockfile has changed since, then runs the TypeScript as it stands. Only `node:` imports are possible here.
//
//   node tools/bootstrap.mjs stack/main.ts up
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const toolsDirectory = dirname(fileURLToPath(import.meta.url));
const root = dirname(toolsDirectory);
const lockfile = join(root, 'package-lock.json');
const stamp = join(root, 'node_modules', '.txmsg-lockfile');
const installLock = join(root, '.stack', 'install.lock');

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const LOCK_POLL_MS = 300;
const EMPTY_LOCK_AGE_MS = 5000;

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
  process.exit(1);
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

async function install() {
  if (isInstalled()) return;
  await takeInstallLock();
  try {
    if (isInstalled()) return;
    if (!isInstalledByHand()) await runNpmCi();
    writeFileSync(stamp, lockfileHash());
  } finally {
    rmSync(installLock, { force: true });
  }
}

/** The lock is a file with its owner's pid; an owner that is gone no longer counts. */
async function takeInstallLock() {
  mkdirSync(dirname(installLock), { recursive: true });
  for (let announced = false; ;) {
    try {
      writeFileSync(installLock, String(process.pid), { flag: 'wx' });
      // Two processes that found the same stale lock may both write it; the later one wins.
      await sleep(50);
      if (readFileSync(installLock, 'utf8') === String(process.pid)) return;
    } catch (error) {
      if (error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
    }
    if (isLockStale()) {
      rmSync(installLock, { force: true });
      continue;
    }
    if (!announced) console.error('Waiting for another process that is installing the packages …');
    announced = true;
    await sleep(LOCK_POLL_MS);
  }
}

function isLockStale() {
  try {
    const owner = readFileSync(installLock, 'utf8');
    if (owner === '') return Date.now() - statSync(installLock).mtimeMs > EMPTY_LOCK_AGE_MS;
    process.kill(Number(owner), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
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
  if (exitCode === 0) return;
  console.error(`"npm ci" failed with exit code ${exitCode}; its messages are above.`);
  process.exit(exitCode);
}

function runProgram([script, ...parameters]) {
  // A terminal sends Ctrl-C to the whole group, so the program has it already; `kill` reaches only us.
  const typedByUser = (signal) => signal === 'SIGINT' && process.stdin.isTTY;
  const child = spawn(
    process.execPath,
    [
      // Workspace packages are taken from their sources.
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
await install();
process.exitCode = await runProgram(process.argv.slice(2));
