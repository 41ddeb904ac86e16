import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { LocalStack } from './local-stack.js';
import { DEFAULT_PORTS } from './ports.js';
import { StackError } from './stack-error.js';
import { writeState } from './stack-state.js';

/** Nobody asks it anything: without a name server no topics are made. */
const NO_BROKER = { rocketmqEndpoints: '127.0.0.1:1' };
// Whole servers are made, several times, on a machine that may be busy.
jest.setTimeout(600_000);

const PORTS = { mysql: 28_306 };

describe("the password of MySQL's root", () => {
  let parent: string;
  let stack: LocalStack;
  let passwordFile: string;

  const open = (directory: string): LocalStack =>
    new LocalStack({ directory: join(parent, directory), ports: PORTS, external: NO_BROKER });
  const port = (): number => stack.status().mysql.port;
  const query = async (url: string, sql: string): Promise<RowDataPacket[]> => {
    const connection = await createConnection({ uri: url, connectTimeout: 30_000, multipleStatements: true });
    try {
      return (await connection.query<RowDataPacket[]>(sql))[0];
    } finally {
      connection.destroy();
    }
  };
  const asRoot = (sql: string): Promise<RowDataPacket[]> => query(stack.env().MYSQL_ROOT_URL, sql);
  const withoutPassword = (): Promise<unknown> => query(`mysql://root@127.0.0.1:${port()}`, 'SELECT 1');
  const denied = { code: 'ER_ACCESS_DENIED_ERROR' };

  beforeAll(async () => {
    parent = mkdtempSync(join(tmpdir(), 'txmsg-mysql-root-'));
    stack = open('one');
    passwordFile = join(stack.directory, 'mysql-root-password');
    await stack.up();
  });
  afterAll(async () => {
    await stack.down();
    rmSync(parent, { recursive: true, force: true });
  });

  it('is in a file for its owner only, and in what the stack prints', async () => {
    expect(statSync(passwordFile).mode & 0o777).toBe(0o600);
    expect(new URL(stack.env().MYSQL_ROOT_URL).password).toBe(readFileSync(passwordFile, 'utf8').trim());
    await expect(asRoot('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    await expect(withoutPassword()).rejects.toMatchObject(denied);
  });

  it('is asked for by programs of another stack in vain, and they say so', async () => {
    const other = open('two');
    const ports = { ...DEFAULT_PORTS, mysql: port() };
    writeState(join(other.directory, 'state.json'), { ports, wishes: ports });
    const refusal: unknown = await other.checkMysql().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StackError);
    expect((refusal as Error).message).toContain(`The MySQL at 127.0.0.1:${port()} is not this stack's`);
    await expect(stack.checkMysql()).resolves.toBeUndefined();
  });

  it('is not all that programs look at: a copied stack has other data, and they say so', async () => {
    const copy = open('copy');
    const ports = { ...DEFAULT_PORTS, mysql: port() };
    writeState(join(copy.directory, 'state.json'), { ports, wishes: ports });
    copyFileSync(passwordFile, join(copy.directory, 'mysql-root-password'));
    await expect(copy.checkMysql()).rejects.toThrow(
      `The MySQL at 127.0.0.1:${port()} is not this stack's: it has its data in ${stack.directory}`,
    );
  });

  it('is given to a stack that an earlier version made without one, while it runs, and the data stay', async () => {
    await asRoot("UPDATE bank1.account_info SET account_balance = 1234.00 WHERE account_no = '1'");
    await asRoot(
      `ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY ''; ALTER USER 'root'@'localhost' IDENTIFIED BY ''`,
    );
    await stack.down();
    rmSync(passwordFile);
    await stack.startServer('mysql');
    await expect(withoutPassword()).resolves.toBeDefined();
    expect(stack.env().MYSQL_ROOT_URL).toBe(`mysql://root@127.0.0.1:${port()}`);
    await stack.up();
    await expect(withoutPassword()).rejects.toMatchObject(denied);
    await expect(asRoot('SELECT account_balance FROM bank1.account_info')).resolves.toEqual([
      { account_balance: '1234.00' },
    ]);
  });

  it('is made anew when its file is lost', async () => {
    rmSync(passwordFile);
    await stack.up();
    await expect(asRoot('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    await expect(withoutPassword()).rejects.toMatchObject(denied);
  });
});
