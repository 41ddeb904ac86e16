import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { seataCall } from '../../libs/seata/test/seata-call.js';
import { acceptsConnections } from './java-server.js';
import { LocalStack } from './local-stack.js';
import { canMakeNetworks, chooseNetwork } from './own-network.js';

// Whole servers are started, several times, on a machine that may be busy.
jest.setTimeout(600_000);

/** The MySQL of the test environment; without a name server no topics are made. */
const external = {
  rocketmqEndpoints: '127.0.0.1:1',
  ...(process.env.MYSQL_ROOT_URL ? { mysqlUrl: process.env.MYSQL_ROOT_URL } : {}),
};

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address),
  );

describe('the transaction coordinator of a stack', () => {
  const said: string[] = [];
  let parent: string;

  const open = (seata?: '1.8.0'): LocalStack =>
    new LocalStack({
      directory: join(parent, 'stack'),
      ports: { seata: 26_091, seataConsole: 26_090 },
      external,
      ...(seata && { seata }),
      onProgress: (line) => said.push(line),
    });

  beforeAll(() => {
    parent = mkdtempSync(join(tmpdir(), 'txmsg-seata-'));
  });
  afterAll(async () => {
    await open().down();
    rmSync(parent, { recursive: true, force: true });
  });

  it('is not started unless it is asked for', async () => {
    const stack = open();
    const environment = await stack.up();
    expect(environment).not.toHaveProperty('SEATA_SERVER');
    expect(stack.status()).not.toHaveProperty('seata');
    expect(stack.isRunning('seata')).toBe(false);
  });

  it('serves programs of this machine, at no other address where it has a network of its own', async () => {
    const stack = open('1.8.0');
    const { SEATA_SERVER } = await stack.up();
    expect(SEATA_SERVER).toBeDefined();
    await expect(
      seataCall(SEATA_SERVER ?? '', { type: 'Begin', timeoutMs: 60_000, name: 'any' }),
    ).resolves.toMatchObject({
      result: { ok: true },
    });
    const { port } = stack.status().seata ?? { port: 0 };
    const found = await Promise.all(ownAddresses().map((address) => acceptsConnections(address, port)));
    expect(found.includes(true)).toBe(!(await canMakeNetworks()));
  });

  it('has a console whose password is not the one that everybody knows', async () => {
    const stack = open();
    const { host, consolePort } = stack.status().seata ?? {};
    const logIn = async (password: string): Promise<unknown> => {
      const response = await fetch(`http://${host}:${consolePort}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'seata', password }),
      });
      return response.json();
    };
    const password = readFileSync(join(stack.directory, 'seata-console-password'), 'utf8').trim();
    await expect(logIn(password)).resolves.toMatchObject({ success: true });
    await expect(logIn('seata')).resolves.toMatchObject({ success: false });
  });

  it('knows after kill -9 what it knew before, at the same address', async () => {
    const stack = open();
    const { SEATA_SERVER = '' } = stack.env();
    const begun = await seataCall(SEATA_SERVER, { type: 'Begin', timeoutMs: 600_000, name: 'killed' });
    await stack.killServer('seata');
    const refused = { code: 'ECONNREFUSED' };
    await expect(
      seataCall(SEATA_SERVER, { type: 'Begin', timeoutMs: 1000, name: 'away' }),
    ).rejects.toMatchObject(refused);
    await expect(stack.up()).resolves.toMatchObject({ SEATA_SERVER });
    const status = await seataCall(SEATA_SERVER, { type: 'Status', xid: begun.xid, extraData: '' });
    expect(status).toMatchObject({ result: { ok: true }, globalStatus: 1 });
  });

  it('stays away after "down" until it is asked for again', async () => {
    const stack = open();
    const network = chooseNetwork(stack.directory).interface;
    await stack.down();
    expect(stack.isRunning('seata')).toBe(false);
    expect(Object.keys(networkInterfaces())).not.toContain(network);
    await expect(stack.up()).resolves.not.toHaveProperty('SEATA_SERVER');
  });

  it('listens on every address where it can have no network of its own, and "up" says so', async () => {
    said.length = 0;
    const user = jest.spyOn(process, 'getuid').mockReturnValue(1000);
    const server = await open('1.8.0')
      .upCoordinator()
      .finally(() => {
        user.mockRestore();
      });
    expect(server).toMatch(/^127\.0\.0\.1:/);
    expect(said.filter((line) => line.includes('listens on every address of this machine'))).toHaveLength(1);
    await expect(seataCall(server, { type: 'Begin', timeoutMs: 1000, name: 'any' })).resolves.toMatchObject({
      result: { ok: true },
    });
    // It is left as it is by those who could give it one.
    await expect(open().up()).resolves.toMatchObject({ SEATA_SERVER: server });
  });
});
