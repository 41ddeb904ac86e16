import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { eventually } from 'txmsg/testing';
import { mysqlFolder } from '../../tools/stack/downloads.js';
import { freePort } from '../../tools/stack/ports.js';
import { runCommand } from '../../tools/stack/run-command.js';
import { cacheDirectory } from '../../tools/stack/stack-paths.js';

const PASSWORD = 'root-of-a-test';
const START_DEADLINE = { timeoutMs: 120_000, intervalMs: 200 };
const AS_ROOT = process.getuid?.() === 0 ? ['--user=root'] : [];

/** A MySQL of a test's own, beside the shared one, for settings that hold for a whole server. */
export class OwnMysql {
  private constructor(
    private readonly directory: string,
    private readonly parameters: readonly string[],
    private server: ChildProcess,
    /** For its administrator, by the name `localhost`. */
    readonly rootUrl: string,
  ) {}

  /**
   * @param settings - for mysqld's command line
   * @param parameters - of the URL, as `ssl-ca=…`
   */
  static async start(settings: readonly string[], parameters: string): Promise<OwnMysql> {
    const directory = mkdtempSync(join(tmpdir(), 'txmsg-mysql-'));
    const home = mysqlFolder(cacheDirectory());
    const mysqld = join(home, 'bin', 'mysqld');
    const common = ['--no-defaults', `--basedir=${home}`, `--datadir=${join(directory, 'data')}`, ...AS_ROOT];
    const made = await runCommand(mysqld, [...common, '--initialize-insecure'], { deadlineMs: 300_000 });
    if (made.exitCode !== 0) throw new Error(`MySQL could not make its data folder: ${made.output}`);
    const port = await freePort();
    const initFile = join(directory, 'init.sql');
    writeFileSync(initFile, rootEverywhere());
    const own = [
      '--bind-address=*',
      `--port=${port}`,
      '--socket=mysql.sock',
      '--mysqlx=OFF',
      '--skip-name-resolve',
    ];
    const parameter = [...common, ...own, `--init-file=${initFile}`, ...settings];
    const rootUrl = `mysql://root:${PASSWORD}@localhost:${port}?${parameters}`;
    const mysql = new OwnMysql(directory, parameter, launch(parameter), rootUrl);
    await eventually(() => mysql.administer('SELECT 1'), START_DEADLINE);
    return mysql;
  }

  /** As a power failure does, and starts it again with what it has stored. */
  async killAndStart(): Promise<void> {
    await this.end();
    this.server = launch(this.parameters);
    await eventually(() => this.administer('SELECT 1'), START_DEADLINE);
  }

  /** Runs statements as its administrator. */
  async administer(...statements: readonly string[]): Promise<void> {
    const connection = await createConnection({ ...parseMysqlUrl(this.rootUrl), connectTimeout: 5000 });
    try {
      for (const statement of statements) await connection.query(statement);
    } finally {
      connection.destroy();
    }
  }

  freeze(): void {
    this.server.kill('SIGSTOP');
  }

  thaw(): void {
    this.server.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async end(): Promise<void> {
    const exited = once(this.server, 'exit');
    if (this.server.exitCode === null && this.server.kill('SIGKILL')) await exited;
  }
}

/** It does not outlive this process. */
function launch(parameters: readonly string[]): ChildProcess {
  const server = spawn(join(mysqlFolder(cacheDirectory()), 'bin', 'mysqld'), parameters, { stdio: 'ignore' });
  const endWithUs = (): void => {
    server.kill('SIGKILL');
  };
  process.once('exit', endWithUs);
  server.once('exit', () => process.off('exit', endWithUs));
  return server;
}

function rootEverywhere(): string {
  return `CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '${PASSWORD}';\nGRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;\n`;
}
