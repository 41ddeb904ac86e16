import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { LocalStack } from './local-stack.js';
import { cacheDirectory } from './stack-paths.js';

// Whole servers are made on a machine that may be busy.
jest.setTimeout(600_000);

const PORTS = { mysql: 29_306, namesrv: 29_876, broker: 29_911, proxy: 29_081 };

/** As for a checkout in such a folder: data, configuration and programs all have it in their paths. */
describe('a stack in a folder with a space and an ü, where the locale is C', () => {
  const before = { ...process.env };
  let parent: string;
  let stack: LocalStack;

  beforeAll(() => {
    parent = mkdtempSync(join(tmpdir(), 'txmsg-odd-'));
    const folder = join(parent, 'für Übung und 测试');
    mkdirSync(folder);
    symlinkSync(cacheDirectory(), join(folder, 'cache'));
    Object.assign(process.env, { LC_ALL: 'C', LANG: 'C', TXMSG_CACHE_DIR: join(folder, 'cache') });
    stack = new LocalStack({ directory: join(folder, 'stack'), ports: PORTS });
  });
  afterAll(async () => {
    await stack.down();
    for (const name of ['LC_ALL', 'LANG', 'TXMSG_CACHE_DIR']) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
    rmSync(parent, { recursive: true, force: true });
  });

  it('comes up, keeps its data there, and goes down', async () => {
    const { MYSQL_ROOT_URL } = await stack.up();
    const connection = await createConnection(MYSQL_ROOT_URL);
    await expect(connection.query('SELECT 1 AS one')).resolves.toMatchObject([
      [{ one: 1 }],
      expect.anything(),
    ]);
    connection.destroy();
    expect(existsSync(join(stack.directory, 'data', 'broker', 'store', 'commitlog'))).toBe(true);
    expect(stack.isUp).toBe(true);
    await stack.down();
    expect(stack.isUp).toBe(false);
  });
});
