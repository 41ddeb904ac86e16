import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fetchSeata } from '../stack/downloads.js';
import { whileInstalling } from '../stack/installation-lock.js';
import { hasEnded } from '../stack/process-table.js';
import { DEFAULT_SEATA_VERSION, seataVersionOf, type SeataVersion } from '../stack/seata-version.js';
import { cacheDirectory, StackPaths } from '../stack/stack-paths.js';
import { javaPeerCommand } from './java-peer.js';
import { OwnCoordinator } from './own-coordinator.js';
import { testStack } from './test-stack.js';

type Progress = (line: string) => void;
type Action = (coordinator: OwnCoordinator) => void | Promise<void>;

const ACTIONS: Partial<Record<string, Action>> = {
  start: (coordinator) => coordinator.start(),
  kill: (coordinator) => coordinator.kill(),
  freeze: (coordinator) => {
    coordinator.freeze();
  },
  'go-on': (coordinator) => {
    coordinator.goOn();
  },
  'lose-store': (coordinator) => coordinator.loseStore(),
};

/**
 * Coordinators for the tests of a run, made when a test asks for one: most runs need none, and one takes 400 MB. Tests of
 * libraries know no tools, so they ask by HTTP, at an address that `npm test` gives them (libs/seata/test/coordinator.ts).
 */
export class SeataTestServers {
  private readonly server: Server;
  /** Nobody else on this machine is to end what a test uses. */
  private readonly secret = randomBytes(16).toString('hex');
  private readonly own = new Map<string, OwnCoordinator>();
  private readonly parent: string;
  private shared: Promise<string> | undefined;

  private constructor(
    private readonly directory: string,
    private readonly mysqlRootUrl: string,
    private readonly onProgress: Progress,
  ) {
    this.parent = join(directory, 'coordinators', String(process.pid));
    this.server = createServer((request, response) => {
      // On a busy machine a request may meet the end of a connection that is kept: each has one of its own.
      response.shouldKeepAlive = false;
      void this.answer(request, response);
    });
    // A test that waits for a server's start keeps its request open.
    this.server.requestTimeout = 0;
  }

  /** @param directory - that of the tests' stack */
  static async start(
    directory: string,
    mysqlRootUrl: string,
    onProgress: Progress,
  ): Promise<SeataTestServers> {
    const servers = new SeataTestServers(directory, mysqlRootUrl, onProgress);
    await removeLeftovers(dirname(servers.parent));
    await new Promise<void>((resolve) => servers.server.listen(0, '127.0.0.1', resolve));
    return servers;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${this.secret}`;
  }

  /**
   * Fetches what tests need of Seata, which would otherwise take longer on a slow line than a test may. A failure is left to
   * the test that needs it: most need nothing of it.
   */
  async prepare(versions: readonly SeataVersion[]): Promise<void> {
    const { onProgress } = this;
    const cache = cacheDirectory();
    try {
      for (const version of versions) {
        await javaPeerCommand(version, onProgress);
        await whileInstalling(cache, onProgress, () => fetchSeata(cache, version, onProgress));
      }
    } catch (error) {
      onProgress(`Seata could not be fetched. ${String(error)}`);
    }
  }

  /** Ends those that tests have left; the shared one belongs to the tests' stack and ends with it. */
  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await this.shared?.catch(() => undefined);
    await Promise.all([...this.own.values()].map((coordinator) => coordinator.remove()));
    rmSync(this.parent, { recursive: true, force: true });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const [, secret, ...path] = (request.url ?? '').split('/');
      if (secret !== this.secret) throw new Error('This is another run of tests.');
      const body = (await json(request)) as { version?: string };
      const version = seataVersionOf(body.version ?? DEFAULT_SEATA_VERSION);
      response.end(JSON.stringify((await this.serve(path, version)) ?? {}));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  }

  private async serve(
    [first, id = '', action = '']: readonly string[],
    version: SeataVersion,
  ): Promise<unknown> {
    if (first === 'shared') return { server: await this.startShared() };
    if (first === 'java') return { command: await javaPeerCommand(version, this.onProgress) };
    if (first === 'own' && id === '') return this.startOwn(version);
    return this.act(id, action);
  }

  private startShared(): Promise<string> {
    this.shared ??= testStack(this.onProgress, DEFAULT_SEATA_VERSION).upCoordinator();
    return this.shared;
  }

  private async startOwn(version: SeataVersion): Promise<{ id: string; server: string }> {
    const mysql = { rootUrl: this.mysqlRootUrl, socket: new StackPaths(this.directory).mysqlSocket };
    const { parent, onProgress } = this;
    const coordinator = await OwnCoordinator.start({ version, parent, mysql, onProgress });
    const id = randomBytes(4).toString('hex');
    this.own.set(id, coordinator);
    return { id, server: coordinator.address };
  }

  private async act(id: string, action: string): Promise<void> {
    const coordinator = this.own.get(id);
    if (!coordinator) throw new Error(`There is no coordinator "${id}".`);
    if (action === 'remove') {
      this.own.delete(id);
      await coordinator.remove();
      return;
    }
    const act = ACTIONS[action];
    if (!act) throw new Error(`A coordinator knows no "${action}".`);
    await act(coordinator);
  }
}

/** Those of runs that were killed; several may run at the same time, each with a folder that its process id names. */
async function removeLeftovers(folder: string): Promise<void> {
  const runs = existsSync(folder) ? readdirSync(folder) : [];
  for (const run of runs.filter((pid) => hasEnded(Number(pid)))) {
    for (const id of readdirSync(join(folder, run)))
      await OwnCoordinator.removeLeftover(join(folder, run, id));
    rmSync(join(folder, run), { recursive: true, force: true });
  }
}
