import { existsSync, rmSync } from 'node:fs';
import { DEFAULT_BROKER_SETTINGS, type BrokerSettings } from './broker-settings.js';
import { bankUrl } from './bank-database.js';
import type { ExternalServers } from './external-servers.js';
import { mysqlFolder } from './downloads.js';
import { initialiseMysql, mysqlRootUrl } from './mysql-server.js';
import { assignPorts } from './port-assignment.js';
import { canListen, DEFAULT_PORTS, type StackPorts } from './ports.js';
import { provisionDatabases, provisionTopics } from './provisioning.js';
import { writeConfiguration } from './rocketmq-configuration.js';
import type { ServerName, ServerProcess } from './server-process.js';
import { StackError } from './stack-error.js';
import { withLock } from './stack-lock.js';
import { cacheDirectory, defaultStackDirectory, StackPaths } from './stack-paths.js';
import { ensureInstalled, StackServers } from './stack-servers.js';
import { readState, writeState } from './stack-state.js';

export interface LocalStackOptions {
  /** The stack's folder. @default TXMSG_STACK_DIR, else `.stack` in the repository */
  readonly directory?: string;
  /** Preferred ports; one that is taken is replaced by a free one. */
  readonly ports?: Partial<StackPorts>;
  /** Overrides of `DEFAULT_BROKER_SETTINGS`; a running broker with other settings is restarted by `up`. */
  readonly broker?: Partial<BrokerSettings>;
  /** Servers to use instead of own ones. */
  readonly external?: ExternalServers;
  /** Gets one line for every step that takes time. @default silence */
  readonly onProgress?: (line: string) => void;
}

/** How applications reach the servers; also what `npm run stack -- env` prints. */
export interface StackEnvironment {
  readonly MYSQL_ROOT_URL: string;
  readonly BANK1_MYSQL_URL: string;
  readonly BANK2_MYSQL_URL: string;
  readonly ROCKETMQ_ENDPOINTS: string;
  readonly ROCKETMQ_NAMESRV: string;
}

/** A pid is null when the server does not run, or is not ours. */
export interface StackStatus {
  readonly mysql: { readonly pid: number | null; readonly port: number };
  readonly namesrv: { readonly pid: number | null; readonly port: number };
  readonly broker: { readonly pid: number | null; readonly port: number; readonly proxyPort: number };
}

const UP_DEADLINE_MS = 10 * 60_000;
const START_ATTEMPTS = 3;

/**
 * Real MySQL and RocketMQ servers as processes of this machine, in one folder. Several stacks may run side by
 * side. Every method may be called from any state and from several processes at once; the servers outlive
 * the process that starts them.
 */
export class LocalStack {
  readonly directory: string;
  private readonly paths: StackPaths;
  private readonly cache = cacheDirectory();
  private readonly settings: BrokerSettings;
  private readonly external: ExternalServers;
  private readonly onProgress: (line: string) => void;

  constructor(private readonly options: LocalStackOptions = {}) {
    this.paths = new StackPaths(options.directory ?? defaultStackDirectory());
    this.directory = this.paths.directory;
    this.settings = { ...DEFAULT_BROKER_SETTINGS, ...options.broker };
    this.external = options.external ?? {};
    this.onProgress = options.onProgress ?? (() => undefined);
  }

  /** Starts what does not run, makes topics, groups and databases that are missing, and returns when all answer. */
  up(): Promise<StackEnvironment> {
    return this.exclusively(async () => {
      await ensureInstalled(this.cache, this.paths, this.external, this.onProgress);
      await this.startOnFreePorts();
      return this.env();
    });
  }

  /** Stops every server; the data stay. */
  down(): Promise<void> {
    return this.exclusively(() => this.stopAll());
  }

  /** Stops every server and deletes all data and logs; the next `up` begins with empty ones. */
  reset(): Promise<void> {
    return this.exclusively(async () => {
      await this.stopAll();
      for (const path of [this.paths.data, this.paths.logs, this.paths.configuration, this.paths.state]) {
        rmSync(path, { recursive: true, force: true });
      }
    });
  }

  /** Whether every server of this stack has a process. */
  get isUp(): boolean {
    const servers = this.servers().all();
    return readState(this.paths.state) !== undefined && servers.every((server) => server.running);
  }

  /** Whether the server has a process, or is run by somebody else. */
  isRunning(name: ServerName): boolean {
    return this.servers().get(name)?.running ?? true;
  }

  status(): StackStatus {
    const ports = this.ports();
    const servers = this.servers();
    const pid = (name: ServerName): number | null => servers.get(name)?.pid ?? null;
    return {
      mysql: { pid: pid('mysql'), port: portOf(this.external.mysqlUrl) ?? ports.mysql },
      namesrv: { pid: pid('namesrv'), port: ports.namesrv },
      broker: { pid: pid('broker'), port: ports.broker, proxyPort: ports.proxy },
    };
  }

  /** The same after a server was stopped or killed; clients find it again under these when it is back. */
  env(): StackEnvironment {
    const ports = this.ports();
    const rootUrl = this.external.mysqlUrl ?? mysqlRootUrl(ports.mysql);
    return {
      MYSQL_ROOT_URL: rootUrl,
      BANK1_MYSQL_URL: bankUrl(rootUrl, 'bank1'),
      BANK2_MYSQL_URL: bankUrl(rootUrl, 'bank2'),
      ROCKETMQ_ENDPOINTS: this.external.rocketmqEndpoints ?? `127.0.0.1:${ports.proxy}`,
      ROCKETMQ_NAMESRV: this.external.rocketmqEndpoints
        ? (this.external.rocketmqNamesrv ?? '')
        : `127.0.0.1:${ports.namesrv}`,
    };
  }

  /** Starts one server on its old ports and waits until it answers. */
  startServer(name: ServerName): Promise<void> {
    return this.exclusively(async () => {
      const server = this.server(name);
      if (!server.running) server.start();
      await server.waitUntilReady();
    });
  }

  /** Sends the signal, by default SIGKILL, and waits until the process is gone. */
  killServer(name: ServerName, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.server(name).kill(signal);
  }

  /** Sends the signal (SIGSTOP, SIGCONT, …) and returns at once. */
  signalServer(name: ServerName, signal: NodeJS.Signals): void {
    if (this.server(name).signal(signal)) return;
    throw new StackError(`The server "${name}" of ${this.directory} does not run.`);
  }

  /** Loses everything the broker has, as a broken disk would, and starts it again with new topics and groups. */
  wipeBroker(): Promise<void> {
    return this.exclusively(async () => {
      const broker = this.server('broker');
      await broker.kill('SIGKILL');
      rmSync(this.paths.brokerData, { recursive: true, force: true });
      broker.start();
      await broker.waitUntilReady();
      await provisionTopics(this.env().ROCKETMQ_NAMESRV);
    });
  }

  /** A port may be taken between our look and the server's start; then others are chosen. */
  private async startOnFreePorts(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const servers = await this.planServers();
      try {
        await this.startAll(servers);
        return;
      } catch (error) {
        if (attempt === START_ATTEMPTS || !(await this.lostAPort(servers))) throw error;
      }
    }
  }

  private async planServers(): Promise<StackServers> {
    const remembered = readState(this.paths.state)?.ports;
    const ports = await assignPorts({
      wanted: this.options.ports ?? {},
      remembered,
      running: this.servers().running(),
      onProgress: this.onProgress,
    });
    writeState(this.paths.state, { ports });
    return this.servers();
  }

  private async startAll(servers: StackServers): Promise<void> {
    writeConfiguration(this.paths, servers.configuration);
    await Promise.all([this.startMysql(servers), this.startRocketmq(servers)]);
  }

  private async startMysql(servers: StackServers): Promise<void> {
    const server = servers.get('mysql');
    if (server) {
      if (!server.runningAsPlanned && !existsSync(this.paths.mysqlData)) {
        this.onProgress('Making an empty MySQL …');
        await initialiseMysql(mysqlFolder(this.cache), this.paths);
      }
      await this.bringUp(server);
    }
    await provisionDatabases(this.env().MYSQL_ROOT_URL);
  }

  private async startRocketmq(servers: StackServers): Promise<void> {
    // The broker looks for the name server when it starts; if it is late, that costs ten seconds.
    for (const name of ['namesrv', 'broker'] as const) {
      const server = servers.get(name);
      if (server) await this.bringUp(server);
    }
    const { ROCKETMQ_NAMESRV } = this.env();
    if (ROCKETMQ_NAMESRV) await provisionTopics(ROCKETMQ_NAMESRV);
  }

  private async bringUp(server: ServerProcess): Promise<void> {
    if (!server.runningAsPlanned) {
      await server.stop();
      this.onProgress(`Starting ${server.plan.name} …`);
      server.start();
    }
    await server.waitUntilReady();
  }

  private async stopAll(): Promise<void> {
    const servers = this.servers();
    // The broker takes its leave of the name server, so that one goes last.
    const rocketmq = async (): Promise<void> => {
      await servers.get('broker')?.stop();
      await servers.get('namesrv')?.stop();
    };
    await Promise.all([servers.get('mysql')?.stop(), rocketmq()]);
  }

  private async lostAPort(servers: StackServers): Promise<boolean> {
    const running = servers.running();
    const ports = this.ports();
    const own = [
      ...(servers.get('mysql') && !running.has('mysql') ? [ports.mysql] : []),
      ...(servers.get('namesrv') && !running.has('namesrv') ? [ports.namesrv] : []),
      ...(servers.get('broker') && !running.has('broker')
        ? [ports.broker, ports.broker - 2, ports.broker + 1, ports.proxy, ports.proxyRemoting]
        : []),
    ];
    const free = await Promise.all(own.map((port) => canListen(port)));
    return free.includes(false);
  }

  private server(name: ServerName): ServerProcess {
    const server = this.servers().get(name);
    if (!server) throw new StackError(`The server "${name}" is not run by this stack.`);
    return server;
  }

  private servers(): StackServers {
    return new StackServers(this.cache, this.paths, this.ports(), this.settings, this.external);
  }

  private ports(): StackPorts {
    return readState(this.paths.state)?.ports ?? { ...DEFAULT_PORTS, ...this.options.ports };
  }

  private exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const onWait = (): void => {
      this.onProgress(`Waiting for another process that is busy with ${this.directory} …`);
    };
    const what = `the stack in ${this.directory}`;
    return withLock(this.paths.lock, { what, deadlineMs: UP_DEADLINE_MS, onWait }, work);
  }
}

function portOf(url: string | undefined): number | undefined {
  return url === undefined ? undefined : Number(new URL(url).port || 3306);
}
