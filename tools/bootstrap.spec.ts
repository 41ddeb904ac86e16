import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const BOOTSTRAP = new URL('bootstrap.mjs', import.meta.url);

/** In a folder of its own, whose packages are not installed, with an npm that fails. */
describe('a program that installs the packages first', () => {
  let folder: string;
  let lock: string;
  let child: ChildProcess;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'txmsg-bootstrap-'));
    lock = join(folder, '.stack', 'install.lock');
    for (const directory of ['tools', '.stack']) mkdirSync(join(folder, directory));
    copyFileSync(BOOTSTRAP, join(folder, 'tools', 'bootstrap.mjs'));
    writeFileSync(join(folder, 'package.json'), '{ "engines": { "node": ">=1.0.0" } }');
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    writeFileSync(join(folder, 'npm.mjs'), 'console.error("installing"); process.exitCode = 7;');
  });
  afterEach(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const start = () => {
    const started = spawn(process.execPath, [join(folder, 'tools', 'bootstrap.mjs'), 'program.ts'], {
      env: {
        PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
        npm_execpath: join(folder, 'npm.mjs'),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let printed = '';
    child = started;
    started.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
    const ended = new Promise<number | null>((resolve) => started.once('close', resolve));
    return { stderr: started.stderr, ended, printed: () => printed };
  };

  it('leaves no lock behind when that fails, and ends with a code that no program gives a meaning', async () => {
    const { ended, printed } = start();
    expect(await ended).toBe(4);
    expect(printed()).toContain('installing\n"npm ci" failed with exit code 7');
    expect(existsSync(lock)).toBe(false);
  });

  it('takes over a lock that nobody renews, although a process with the pid of its owner is running', async () => {
    writeFileSync(lock, String(process.pid));
    // Of a machine whose clock is an hour ahead, too: what counts is that it does not change.
    const ahead = new Date(Date.now() + 3_600_000);
    utimesSync(lock, ahead, ahead);
    const { ended } = start();
    expect(await ended).toBe(4);
    expect(existsSync(lock)).toBe(false);
  });

  it('waits for a process that is installing', async () => {
    writeFileSync(lock, 'another');
    const { stderr, ended, printed } = start();
    await new Promise((resolve) => stderr.once('data', resolve));
    expect(printed()).toContain('Waiting for another process');
    rmSync(lock);
    expect(await ended).toBe(4);
  });
});
