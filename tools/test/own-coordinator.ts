import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { coordinatorAddress, decideCoordinator, type Coordinator } from '../stack/coordinator.js';
import { seataFolder } from '../stack/downloads.js';
import { chooseNetwork } from '../stack/own-network.js';
import { freePort } from '../stack/ports.js';
import { makeSeataSecrets } from '../stack/seata-configuration.js';
import { planSeata } from '../stack/seata-server.js';
import { createSeataStore, type SeataStore } from '../stack/seata-store.js';
import { needsDatabase, type SeataVersion } from '../stack/seata-version.js';
import { readSecret } from '../stack/secret-file.js';
import { ServerProcess } from '../stack/server-process.js';
import { cacheDirectory, StackPaths } from '../stack/stack-paths.js';
import { ensureInstalled } from '../stack/stack-servers.js';

/** Servers that are not to be installed. */
const OF_OTHERS = { mysqlUrl: 'mysql://127.0.0.1', rocketmqEndpoints: '127.0.0.1:1' };

export interface OwnCoordinatorOptions {
  readonly version: SeataVersion;
  /** Where each of them has its folder. */
  readonly parent: string;
  /** The MySQL of a coordinator that keeps its transactions there. */
  readonly mysql: Pick<SeataStore, 'rootUrl' | 'socket'>;
  readonly onProgress: (line: string) => void;
}

/** A coordinator of one test, which stops and kills it: it comes back at the same address, with the same store. */
export class OwnCoordinator {
  private constructor(
    readonly address: string,
    private readonly coordinator: Coordinator,
    private readonly paths: StackPaths,
    private readonly store: SeataStore,
    private readonly server: ServerProcess,
  ) {}

  static async start({ version, parent, mysql, onProgress }: OwnCoordinatorOptions): Promise<OwnCoordinator> {
    const id = randomBytes(4).toString('hex');
    const paths = new StackPaths(join(parent, id));
    const cache = cacheDirectory();
    await ensureInstalled(cache, paths, OF_OTHERS, version, onProgress);
    makeSeataSecrets(paths);
    const coordinator = await decideCoordinator({
      version,
      owner: paths.directory,
      remembered: undefined,
      hasSocket: mysql.socket !== undefined,
      onProgress,
    });
    const password = readSecret(paths.seataDatabasePassword) ?? '';
    const store = { ...mysql, database: `seata_${id}`, password };
    const ports = { seata: await freePort(), seataConsole: await freePort() };
    const server = new ServerProcess(
      planSeata(seataFolder(cache, version), paths, ports, coordinator, store),
    );
    const address = coordinatorAddress(coordinator, ports);
    const own = new OwnCoordinator(address, coordinator, paths, store, server);
    if (needsDatabase(version)) await createSeataStore(store);
    await own.start();
    return own;
  }

  /** Ends one whose folder is all that is known of it. */
  static async removeLeftover(directory: string): Promise<void> {
    const paths = new StackPaths(directory);
    const ports = { seata: 0, seataConsole: 0 };
    const coordinator = { version: '1.8.0', network: chooseNetwork(paths.directory) } as const;
    const store = { rootUrl: OF_OTHERS.mysqlUrl, database: '', password: '' };
    await new ServerProcess(planSeata('', paths, ports, coordinator, store)).stop();
    rmSync(paths.directory, { recursive: true, force: true });
  }

  async start(): Promise<void> {
    if (!this.server.running) await this.server.start();
    await this.server.waitUntilReady();
  }

  /** SIGKILL. */
  kill(): Promise<void> {
    return this.server.kill();
  }

  /** It is there and does nothing, until it goes on. */
  freeze(): void {
    this.server.signal('SIGSTOP');
  }

  goOn(): void {
    this.server.signal('SIGCONT');
  }

  /** It comes back as one that has never run. */
  async loseStore(): Promise<void> {
    await this.kill();
    rmSync(this.paths.seataData, { recursive: true, force: true });
    if (!needsDatabase(this.coordinator.version)) return;
    await this.dropDatabase();
    await createSeataStore(this.store);
  }

  /** For good. */
  async remove(): Promise<void> {
    await this.server.stop();
    if (needsDatabase(this.coordinator.version)) await this.dropDatabase();
    rmSync(this.paths.directory, { recursive: true, force: true });
  }

  private async dropDatabase(): Promise<void> {
    const connection = await createConnection(this.store.rootUrl);
    try {
      await connection.query(`DROP DATABASE IF EXISTS ${this.store.database}`);
      await connection.query(`DROP USER IF EXISTS '${this.store.database}'@'%'`);
    } finally {
      connection.destroy();
    }
  }
}
