import { rmSync } from 'node:fs';
import { mysqlUrlVariable, SERVICES, type MysqlUrlVariable } from '@txmsg/contracts';
import { databaseUrl } from '@txmsg/service/provisioning';
import { DEFAULT_BROKER_SETTINGS, type BrokerSettings } from './broker-settings.js';
import { coordinatorAddress, decideCoordinator, type Coordinator } from './coordinator.js';
import type { ExternalServers } from './external-servers.js';
import { mysqlFolder } from './downloads.js';
import { mysqlRootUrl } from './mysql-root.js';
import { DEFAULT_BUFFER_POOL_MB } from './mysql-server.js';
import { assignPorts } from './port-assignment.js';
import { wishedPorts, type StackPorts } from './ports.js';
import { provisionTopics } from './provisioning.js';
import { writeConfiguration } from './rocketmq-configuration.js';
import { makeSeataSecrets } from './seata-configuration.js';
import { DEFAULT_SEATA_VERSION, type SeataVersion } from './seata-version.js';
import { secretIn } from './secret-file.js';
import type { ServerName, ServerProcess } from './server-process.js';
import { StackError } from './stack-error.js';
import type { StackEnvironment } from './stack-environment.js';
import { startCoordinator, startServers, stopServers, type StartServers } from './stack-lifecycle.js';
import { withLock } from './stack-lock.js';
import { cacheDirectory, defaultStackDirectory, StackPaths } from './stack-paths.js';
import type { StackSecurity } from './stack-security.js';
import { ensureInstalled, StackServers } from './stack-servers.js';
import { readState, writeState } from './stack-state.js';
import { statusOf, type StackStatus } from './stack-status.js';
import { waitUntil } from './wait-until.js';

export interface LocalStackOptions {
  /** The stack's folder. @default TXMSG_STACK_DIR, else `.stack` in the repository */
  readonly directory?: string;
  /** Preferred ports; one that is already in use is replaced by a free one. */
  readonly ports?: Partial<StackPorts>;
  /** Overrides of `DEFAULT_BROKER_SETTINGS`; a running broker with other settings is restarted by `up`. */
  readonly broker?: Partial<BrokerSettings>;
  /** Of MySQL's InnoDB, in MB; counts from its next start. @default 256 */
  readonly bufferPoolMb?: number;
  /** How RocketMQ is locked. @default not at all */
  readonly security?: StackSecurity;
  /** The transaction coordinator that `up` starts besides. @default what an earlier `up` was asked for, until `down` */
  readonly seata?: SeataVersion;
  /** Servers to use instead of own ones. */
  readonly external?: ExternalServers;
  /** Gets one line for every step that takes time. @default silence */
  readonly onProgress?: (line: string) => void;
}

const UP_DEADLINE_MS = 10 * 60_000;
const START_ATTEMPTS = 3;
/** A server that did not get all its ports may still answer on the others while it ends. */
const DYING_DEADLINE_MS = 10_000;

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
  private readonly security: StackSecurity;
  private readonly external: ExternalServers;
  private readonly onProgress: (line: string) => void;

  constructor(private readonly options: LocalStackOptions = {}) {
    this.paths = new StackPaths(options.directory ?? defaultStackDirectory());
    this.directory = this.paths.directory;
    this.settings = { ...DEFAULT_BROKER_SETTINGS, ...options.broker };
    this.security = options.security ?? {};
    this.external = options.external ?? {};
    this.onProgress = options.onProgress ?? (() => undefined);
  }

  /** Starts what does not run, makes topics, groups and databases that are missing, and returns when all answer. */
  up(): Promise<StackEnvironment> {
    return this.exclusively(async () => {
      await this.prepare();
      secretIn(this.paths.mysqlRootPassword);
      await this.startOnFreePorts(startServers);
      return this.env();
    });
  }

  /**
   * Starts the coordinator alone, unless it runs, and leaves the other servers of a stack that is up as they are.
   * @returns where it is found: `host:port`
   */
  upCoordinator(): Promise<string> {
    return this.exclusively(async () => {
      await this.prepare();
      await this.startOnFreePorts(startCoordinator);
      return this.env().SEATA_SERVER ?? '';
    });
  }

  /** Stops every server; the data stay. */
  down(): Promise<void> {
    return this.exclusively(async () => {
      await stopServers(this.ownServers());
      this.forgetCoordinator();
    });
  }

  /** Stops the coordinator alone; its data stay, and `up` starts it only when it is asked for again. */
  downCoordinator(): Promise<void> {
    return this.exclusively(async () => {
      await this.ownServers().get('seata')?.stop();
      this.forgetCoordinator();
    });
  }

  /** Stops every server and deletes all data and logs; the next `up` begins with empty ones. */
  reset(): Promise<void> {
    return this.exclusively(async () => {
      await stopServers(this.ownServers());
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

  /** Whether no server of this stack has a process. */
  get isDown(): boolean {
    return this.servers().running().size === 0;
  }

  /** Whether the server has a process, or is run by others. */
  isRunning(name: ServerName): boolean {
    const isElsewhere = name !== 'seata' || this.external.seataServer !== undefined;
    return this.servers().get(name)?.running ?? isElsewhere;
  }

  /** @throws StackError when a foreign MySQL answers at this stack's address */
  async checkMysql(): Promise<void> {
    await this.servers()
      .get('mysql')
      ?.plan.isReady()
      .catch((error: unknown) => {
        // The caller that needs it waits for a server that does not answer yet.
        if (error instanceof StackError) throw error;
      });
  }

  status(): StackStatus {
    return statusOf(this.servers(), this.ports(), this.external, this.coordinator);
  }

  /** The same after a server was stopped or killed; clients find it again under these when it is back. */
  env(): StackEnvironment {
    const ports = this.ports();
    const rootUrl = this.external.mysqlUrl ?? mysqlRootUrl(this.paths, ports.mysql);
    const seataServer =
      this.external.seataServer ?? (this.coordinator && coordinatorAddress(this.coordinator, ports));
    return {
      MYSQL_ROOT_URL: rootUrl,
      ...mysqlUrls(rootUrl),
      ROCKETMQ_ENDPOINTS: this.external.rocketmqEndpoints ?? `127.0.0.1:${ports.proxy}`,
      ROCKETMQ_NAMESRV: this.external.rocketmqEndpoints
        ? (this.external.rocketmqNamesrv ?? '')
        : `127.0.0.1:${ports.namesrv}`,
      ...(seataServer === undefined ? {} : { SEATA_SERVER: seataServer }),
    };
  }

  /** Starts one server on its old ports and waits until it answers. Several may be started side by side. */
  async startServer(name: ServerName): Promise<void> {
    const server = this.server(name);
    await this.exclusively(async () => {
      if (!server.running) await server.start();
    });
    // Others may be started meanwhile: the broker is ready only when the name server knows it.
    await server.waitUntilReady();
  }

  /** Sends the signal, by default SIGKILL, and waits until the process is gone. */
  killServer(name: ServerName, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    return this.server(name).kill(signal);
  }

  /** Sends the signal (SIGSTOP, SIGCONT, …) and returns at once. */
  signalServer(name: ServerName, signal: NodeJS.Signals): void {
    if (this.server(name).signal(signal).length > 0) return;
    throw new StackError(`The server "${name}" of ${this.directory} does not run.`);
  }

  /** Loses everything the broker has, as a broken disk would, and starts it again with new topics and groups. */
  async wipeBroker(): Promise<void> {
    const broker = this.server('broker');
    await this.exclusively(async () => {
      await broker.kill('SIGKILL');
      rmSync(this.paths.brokerData, { recursive: true, force: true });
      await broker.start();
    });
    await broker.waitUntilReady();
    await provisionTopics(this.env().ROCKETMQ_NAMESRV, this.security);
  }

  private forgetCoordinator(): void {
    const state = readState(this.paths.state);
    if (state !== undefined) writeState(this.paths.state, { ports: state.ports, wishes: state.wishes });
  }

  private async prepare(): Promise<void> {
    const version = this.coordinator?.version;
    await ensureInstalled(this.cache, this.paths, this.external, version, this.onProgress);
    if (version !== undefined) makeSeataSecrets(this.paths);
  }

  /** A port may be taken between our look and the server's start; then others are chosen. */
  private async startOnFreePorts(start: StartServers): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const servers = await this.planServers();
      try {
        writeConfiguration(this.paths, servers.configuration);
        const { paths, security, onProgress } = this;
        await start(servers, paths, mysqlFolder(this.cache), this.env(), security, onProgress);
        return;
      } catch (error) {
        if (attempt === START_ATTEMPTS || !(await this.lostAPort(servers))) throw error;
      }
    }
  }

  private async planServers(): Promise<StackServers> {
    const coordinator = await this.decideCoordinator();
    const servers = this.servers();
    const wishes = wishedPorts(this.options.ports);
    const ports = await assignPorts({
      wishes,
      remembered: readState(this.paths.state),
      servers: servers.names(),
      running: servers.running(),
      onProgress: this.onProgress,
    });
    writeState(this.paths.state, { ports, wishes, ...(coordinator && { coordinator }) });
    return this.servers();
  }

  /** One that runs stays where it is. */
  private async decideCoordinator(): Promise<Coordinator | undefined> {
    const { coordinator, external, onProgress } = this;
    if (coordinator === undefined || external.seataServer) return undefined;
    const remembered = readState(this.paths.state)?.coordinator;
    if (remembered?.version === coordinator.version && this.isRunning('seata')) return remembered;
    const [{ version }, owner] = [coordinator, this.paths.directory];
    return decideCoordinator({ version, owner, remembered, hasSocket: !external.mysqlUrl, onProgress });
  }

  /** What was asked for, or had been; its network is known when `up` has decided it. */
  private get coordinator(): Coordinator | undefined {
    const remembered = readState(this.paths.state)?.coordinator;
    const version = this.options.seata ?? remembered?.version;
    if (version === undefined) return undefined;
    return { version, ...(remembered?.network && { network: remembered.network }) };
  }

  private async lostAPort(servers: StackServers): Promise<boolean> {
    const dead = (): ServerProcess[] => servers.all().filter((server) => !server.running);
    const options = { deadlineMs: DYING_DEADLINE_MS };
    await waitUntil('The end of a server', options, () => dead().length > 0).catch(() => undefined);
    const free = await Promise.all(dead().map((server) => server.portsAreFree()));
    return free.includes(false);
  }

  private server(name: ServerName): ServerProcess {
    const server = this.servers().get(name);
    if (!server) throw new StackError(`The server "${name}" is not run by this stack.`);
    return server;
  }

  /** Also those that were started before the user named servers of their own. */
  private ownServers(): StackServers {
    return this.servers({}, this.coordinator ?? { version: DEFAULT_SEATA_VERSION });
  }

  private servers(external = this.external, coordinator = this.coordinator): StackServers {
    const { cache, paths, settings, security } = this;
    const { bufferPoolMb = DEFAULT_BUFFER_POOL_MB } = this.options;
    const ports = this.ports();
    return new StackServers({
      ...{ cache, paths, ports, settings, security },
      ...{ external, bufferPoolMb, coordinator },
    });
  }

  private ports(): StackPorts {
    return readState(this.paths.state)?.ports ?? wishedPorts(this.options.ports);
  }

  private exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const onWait = (): void => {
      this.onProgress(`Waiting for another process that is busy with ${this.directory} …`);
    };
    const what = `the stack in ${this.directory}`;
    return withLock(this.paths.lock, { what, deadlineMs: UP_DEADLINE_MS, onWait }, work);
  }
}

function mysqlUrls(rootUrl: string): Record<MysqlUrlVariable, string> {
  const urls = SERVICES.map(({ name, database }) => [mysqlUrlVariable(name), databaseUrl(rootUrl, database)]);
  return Object.fromEntries(urls) as Record<MysqlUrlVariable, string>;
}
