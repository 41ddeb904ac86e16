import { spawn } from 'node:child_process';
import { closeSync, cpSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { javaProgram } from '../../stack/preconditions.js';
import { runCommand } from '../../stack/run-command.js';
import { freePort } from '../../stack/ports.js';
import { StackError } from '../../stack/stack-error.js';
import type { BenchWorld } from './bench-world.js';
import type { LoadTarget } from './http-load.js';
import { cpuMs } from './process-usage.js';
import { end, untilHealthy, type StartedService } from './service-process.js';
import { accountNo, ACCOUNTS, AMOUNT, OPENING_BALANCE, type Side, type StartFigures } from './side.js';

const BUILD_DEADLINE_MS = 10 * 60_000;
const TOPIC = 'topic_ensure_transfer';
const SCHEMA = { bank1: 'peer_bank1', bank2: 'peer_bank2' } as const;
const BANKS = ['bank2', 'bank1'] as const;
/** The options with which the peer's own README starts it. */
const JVM = ['-Xms256m', '-Xmx512m'];

/** The Java original: Spring Boot and rocketmq-spring, from the folder that `--peer` names. */
export class PeerSide implements Side {
  readonly name = 'peer';
  readonly topics = [TOPIC];
  readonly schema = { ...SCHEMA, debited: 'de_duplication', credited: 'de_duplication' };
  private readonly folder: string;
  private readonly running = new Map<string, StartedService>();

  constructor(
    private readonly world: BenchWorld,
    private readonly source: string,
  ) {
    this.folder = join(world.directory, 'peer');
  }

  /** @throws StackError when there is no such project, or Maven cannot build it */
  async build(): Promise<void> {
    if (!existsSync(join(this.source, 'pom.xml'))) {
      throw new StackError(`--peer is "${this.source}": a folder with the peer's pom.xml was expected.`);
    }
    // A copy: the folder may be read-only.
    cpSync(this.source, this.folder, {
      recursive: true,
      filter: (path) => !/node_modules|target/.test(path),
    });
    const makeWritable = await runCommand('chmod', ['-R', 'u+w', this.folder], { deadlineMs: 10_000 });
    const parameters = ['-q', '-B', '-DskipTests', '-pl', 'bank1,bank2', 'package'];
    const built = await runCommand('mvn', parameters, {
      deadlineMs: BUILD_DEADLINE_MS,
      workingDirectory: this.folder,
    });
    if (makeWritable.exitCode === 0 && built.exitCode === 0) return;
    throw new StackError(`The peer could not be built:\n${built.output.trim().slice(-2000)}`);
  }

  pids(): Record<string, number> {
    return Object.fromEntries([...this.running].map(([name, { process }]) => [name, process.pid ?? 0]));
  }

  async start(): Promise<StartFigures[]> {
    await this.world.admin.createTopic(TOPIC, 'TRANSACTION');
    for (const bank of BANKS) await this.createDatabase(bank);
    const ports = { bank1: await freePort(), bank2: await freePort() };
    const figures: StartFigures[] = [];
    for (const bank of BANKS) figures.push(await this.startBank(bank, ports));
    return figures;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ process }) => end(process)));
    this.running.clear();
  }

  target(nextAccountNo: () => string): LoadTarget {
    const port = this.running.get('bank1')?.port ?? 0;
    const tail = `&amount=${AMOUNT} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 0\r\n\r\n`;
    return {
      host: '127.0.0.1',
      port,
      request: () => Buffer.from(`POST /bank1/transfer?accountNo=${nextAccountNo()}${tail}`, 'latin1'),
      isAccepted: (status) => status === 200,
    };
  }

  private async startBank(
    bank: (typeof BANKS)[number],
    ports: Readonly<Record<string, number>>,
  ): Promise<StartFigures> {
    const began = performance.now();
    const jar = join(this.folder, bank, 'target', `${bank}.jar`);
    const log = openSync(join(this.world.directory, `peer-${bank}.log`), 'w');
    const parameters = [...JVM, `-Drocketmq.client.logRoot=${this.world.directory}`, '-jar', jar];
    const child = spawn(javaProgram(), parameters, {
      env: { ...process.env, ...this.settings(ports) },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const endWithUs = (): boolean => child.kill('SIGKILL');
    process.once('exit', endWithUs);
    child.once('exit', () => process.off('exit', endWithUs));
    const port = ports[bank] ?? 0;
    this.running.set(bank, { process: child, port });
    await untilHealthy(`http://127.0.0.1:${port}/${bank}/actuator/health`, child, `The peer's ${bank}`);
    return { process: bank, readyMs: performance.now() - began, cpuMs: cpuMs(child.pid ?? 0) };
  }

  private settings(ports: Readonly<Record<string, number>>): Record<string, string> {
    const { MYSQL_ROOT_URL, ROCKETMQ_NAMESRV } = this.world.environment;
    const { hostname, port, username, password } = new URL(MYSQL_ROOT_URL);
    return {
      NAMESRV: ROCKETMQ_NAMESRV,
      TOPIC,
      MYSQL_HOST: hostname,
      MYSQL_PORT: port,
      MYSQL_USER: decodeURIComponent(username),
      MYSQL_PASSWORD: decodeURIComponent(password),
      BANK1_DB: SCHEMA.bank1,
      BANK2_DB: SCHEMA.bank2,
      BANK1_PORT: String(ports.bank1),
      BANK2_PORT: String(ports.bank2),
    };
  }

  /** The tables as the peer's own `load/setup.mjs` makes them, with our accounts' numbers. */
  private async createDatabase(bank: 'bank1' | 'bank2'): Promise<void> {
    const { pool } = this.world;
    const name = SCHEMA[bank];
    await pool.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await pool.query(`CREATE TABLE ${name}.account_info (
      id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
      account_name VARCHAR(100) NULL,
      account_no VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      account_balance DECIMAL(18,2) NOT NULL,
      UNIQUE KEY uk_account_no (account_no)) ENGINE=InnoDB`);
    await pool.query(`CREATE TABLE ${name}.de_duplication (
      tx_no VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
      create_time DATETIME(6) NOT NULL) ENGINE=InnoDB`);
    const balance = bank === 'bank1' ? OPENING_BALANCE : '0.00';
    const rows = Array.from({ length: ACCOUNTS }, (_, index) => ['bench', accountNo(index), balance]);
    const insert = `INSERT INTO ${name}.account_info (account_name, account_no, account_balance) VALUES ?`;
    await pool.query(insert, [rows]);
  }
}
