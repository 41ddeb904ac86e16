import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { findProcesses, hasEnded, isListening } from './process-table.js';

const marker = `--datadir=/tmp/process-table-spec-${process.pid}`;
const children: ChildProcess[] = [];

async function start(...parameters: string[]): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', ...parameters]);
  children.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

afterEach(async () => {
  for (const child of children.splice(0)) if (child.kill('SIGKILL')) await once(child, 'exit');
});

describe('findProcesses', () => {
  it('finds a process by one whole argument and shows its command line', async () => {
    const pid = await start(marker, '--port=1');
    const [found] = findProcesses(marker);
    expect(found?.pid).toBe(pid);
    expect(found?.commandLine.endsWith(`${marker} --port=1`)).toBe(true);
  });

  it('is not fooled by longer paths or by a mention within an argument', async () => {
    await start(`${marker}2`, `grep ${marker}`);
    expect(findProcesses(marker)).toEqual([]);
  });

  it('does not count a process that was killed', async () => {
    const pid = await start(marker);
    const [child] = children;
    child?.kill('SIGKILL');
    if (child) await once(child, 'exit');
    expect(findProcesses(marker)).toEqual([]);
    expect(hasEnded(pid)).toBe(true);
  });
});

describe('hasEnded', () => {
  it('says no while the process runs, frozen or not', async () => {
    const pid = await start(marker);
    expect(hasEnded(pid)).toBe(false);
    process.kill(pid, 'SIGSTOP');
    expect(hasEnded(pid)).toBe(false);
  });
});

describe('isListening', () => {
  it.each(['127.0.0.1', '0.0.0.0'])('tells whose the port is at %s', async (host) => {
    const other = await start(marker);
    const server = createServer().listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      expect(isListening(process.pid, port)).toBe(true);
      expect(isListening(other, port)).toBe(false);
    } finally {
      server.close();
    }
    await once(server, 'close');
    expect(isListening(process.pid, port)).toBe(false);
  });
});
