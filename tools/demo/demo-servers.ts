import { externalServersOf } from '../stack/external-servers.js';
import { LocalStack } from '../stack/local-stack.js';
import type { StackEnvironment } from '../stack/stack-environment.js';
import { wantedPortsOf } from '../stack/port-assignment.js';
import type { ServerName } from '../stack/server-process.js';

const SERVERS: readonly ServerName[] = ['mysql', 'namesrv', 'broker'];

/** The local stack, left behind as it was found: only servers that the demo started are stopped. */
export class DemoServers {
  private readonly stack: LocalStack;
  private readonly foundRunning: ReadonlySet<ServerName>;
  private starting: Promise<StackEnvironment> | undefined;

  constructor(onProgress: (line: string) => void) {
    this.stack = new LocalStack({
      ports: wantedPortsOf(process.env),
      external: externalServersOf(process.env),
      onProgress,
    });
    this.foundRunning = new Set(SERVERS.filter((name) => this.stack.isRunning(name)));
  }

  get directory(): string {
    return this.stack.directory;
  }

  get wereRunning(): boolean {
    return this.foundRunning.size === SERVERS.length;
  }

  get haveBegun(): boolean {
    return this.starting !== undefined;
  }

  start(): Promise<StackEnvironment> {
    this.starting = this.stack.up();
    return this.starting;
  }

  /** Also ends a start that is under way, after its current step. */
  async stop(): Promise<void> {
    if (!this.starting || this.wereRunning) return;
    await this.starting.catch(() => undefined);
    if (this.foundRunning.size === 0) {
      await this.stack.down();
      return;
    }
    // The broker unregisters from the name server, so that one goes last.
    for (const name of ['broker', 'namesrv', 'mysql'] as const) {
      if (!this.foundRunning.has(name)) await this.stack.killServer(name, 'SIGTERM');
    }
  }
}
