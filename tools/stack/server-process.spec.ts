import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { acceptsConnections } from './java-server.js';
import { freePort } from './ports.js';
import { ServerProcess } from './server-process.js';

const LISTENS = `require('node:net').createServer().listen(Number(process.argv[1]), '127.0.0.1')`;
/** As servers do whose port somebody else has: it takes a while, and ends. */
const ENDS = `setTimeout(() => process.exit(1), 1000)`;

describe('a server that is started', () => {
  let folder: string;
  let port: number;
  let foreign: Server;
  let server: ServerProcess | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'txmsg-server-'));
    port = await freePort();
    foreign = createServer();
  });
  afterEach(async () => {
    await server?.kill();
    foreign.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (script: string, beforeStart?: () => Promise<void>): Promise<ServerProcess> => {
    const marker = `server-process-spec-${randomUUID()}`;
    server = new ServerProcess({
      name: 'namesrv',
      program: process.execPath,
      arguments: ['-e', script, String(port), marker],
      marker,
      ports: [port],
      workingDirectory: folder,
      logFile: join(folder, 'log'),
      readyDeadlineMs: 60_000,
      ...(beforeStart && { beforeStart }),
      stopSignal: 'SIGKILL',
      isReady: () => acceptsConnections('127.0.0.1', port),
    });
    await server.start();
    return server;
  };

  it('is ready when it listens on its ports', async () => {
    await (await start(LISTENS)).waitUntilReady();
    expect(await acceptsConnections('127.0.0.1', port)).toBe(true);
  });

  it('is not ready when another program answers at its port', async () => {
    // As another stack may that looked for free ports at the same time.
    const started = await start(ENDS, async () => {
      foreign.listen(port, '127.0.0.1');
      await once(foreign, 'listening');
    });
    await expect(started.waitUntilReady()).rejects.toThrow('The server "namesrv" ended while starting.');
  });
});
