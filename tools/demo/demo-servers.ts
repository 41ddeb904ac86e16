import { externalServersOf } from '../stack/external-servers.js';
import { LocalStack } from '../stack/local-stack.js';
import type { StackEnvironment } from '../stack/stack-environment.js';
import { wantedPortsOf } from '../stack/port-assignment.js';
import { DEFAULT_SEATA_VERSION } from '../stack/seata-version.js';
import type { ServerName } from '../stack/server-process.js';

const SERVERS: readonly ServerName[] = ['mysql', 'namesrv', 'broker'];

/** The local stack, left behind as it was found: only servers that the demo started are stopped. */
export class DemoServers {
  private readonly stack: LocalStack;
  private readonly names: readonly ServerName[];
  private readonly foundRunning: ReadonlySet<ServerName>;
  private starting: Promise<StackEnvironment> | undefined;

  /** @param withCoordinator - whether the scene needs Seata's coordinator too, which takes ten seconds and 400 MB */
  constructor(onProgress: (line: string) => void, withCoordinator = false) {
    const options = {
      ports: wantedPortsOf(process.env),
      external: externalServersOf(process.env),
      onProgress,
    };
    const found = new LocalStack(options);
    this.names = withCoordinator ? [...SERVERS, 'seata'] : SERVERS;
    this.foundRunning = new Set(this.names.filter((name) => found.isRunning(name)));
    const isWanted = withCoordinator && !this.foundRunning.has('seata');
    // One that runs is used as it is, whatever its version.
    this.stack = isWanted ? new LocalStack({ ...options, seata: DEFAULT_SEATA_VERSION }) : found;
  }

  get directory(): string {
    return this.stack.directory;
  }

  get wereRunning(): boolean {
    return this.foundRunning.size === this.names.length;
  }

  get haveBegun(): boolean {
    return this.starting !== undefined;
  }

  start(): Promise<StackEnvironment> {
    this.starting = this.stack.up();
    return this.starting;
  }

  /** SIGKILL. */
  async kill(name: ServerName): Promise<void> {
    await this.stack.killServer(name);
  }

  /** Starts one that was killed, where it was, and waits until it answers. */
  async startAgain(name: ServerName): Promise<void> {
    await this.stack.startServer(name);
  }

  /** Also ends a start that is under way, after its current step. */
  async stop(): Promise<void> {
    if (!this.starting || this.wereRunning) return;
    await this.starting.catch(() => undefined);
    if (this.foundRunning.size === 0) {
      await this.stack.down();
      return;
    }
    if (this.names.includes('seata') && !this.foundRunning.has('seata')) await this.stack.downCoordinator();
    // The broker unregisters from the name server, so that one goes last.
    for (const name of ['broker', 'namesrv', 'mysql'] as const) {
      if (!this.foundRunning.has(name)) await this.stack.killServer(name, 'SIGTERM');
    }
  }
}
