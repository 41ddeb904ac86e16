import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EARLY_CHECK_BROKER_SETTINGS } from '../stack/broker-settings.js';
import { LocalStack } from '../stack/local-stack.js';
import type { SeataVersion } from '../stack/seata-version.js';
import { guardServers } from '../stack/server-guard.js';
import type { StackEnvironment } from '../stack/stack-environment.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { SERVER_TARGETS, type ServerTarget } from './fault-plan.js';

/** Preferred ones, beside those of the other stacks; those already in use are replaced. */
const PORTS = {
  ...{ mysql: 25306, namesrv: 25876, broker: 25911, proxy: 25081, proxyRemoting: 25080 },
  ...{ seata: 25091, seataConsole: 25791 },
};
/** How long a coordinator is started again and again. */
const COORDINATOR_DEADLINE_MS = 5 * 60_000;
const PAUSE_MS = 1000;

/** The servers of a run, in a folder of their own, which begins empty. */
export class ChaosServers {
  readonly names: readonly ServerTarget[];
  private readonly stack: LocalStack;
  private guard: ChildProcess | undefined;
  private isStopping = false;

  /** @param seata - the coordinator, where services need one */
  constructor(seata: SeataVersion | undefined, onProgress: (line: string) => void) {
    this.names = SERVER_TARGETS.filter((name) => name !== 'seata' || seata !== undefined);
    this.stack = new LocalStack({
      ...(seata && { seata }),
      directory: join(repositoryDirectory, '.stack', 'chaos'),
      ports: PORTS,
      broker: EARLY_CHECK_BROKER_SETTINGS,
      onProgress,
    });
  }

  get directory(): string {
    return this.stack.directory;
  }

  get environment(): StackEnvironment {
    return this.stack.env();
  }

  async start(): Promise<void> {
    this.guard = guardServers(this.directory, 'STOP');
    await this.stack.reset();
    await this.stack.up();
  }

  kill(name: ServerTarget): Promise<void> {
    return this.stack.killServer(name);
  }

  /** Starts one that was killed, and waits until it answers. */
  async startAgain(name: ServerTarget): Promise<void> {
    const endsAtMs = Date.now() + COORDINATOR_DEADLINE_MS;
    for (;;) {
      try {
        await this.stack.startServer(name);
        return;
      } catch (error) {
        // One that keeps its transactions in MySQL ends when that is away just then; whoever runs it starts it again.
        if (name !== 'seata' || this.isStopping || Date.now() > endsAtMs) throw error;
        await delay(PAUSE_MS);
      }
    }
  }

  freeze(name: ServerTarget): void {
    this.stack.signalServer(name, 'SIGSTOP');
  }

  thaw(name: ServerTarget): void {
    this.stack.signalServer(name, 'SIGCONT');
  }

  /** Kills the broker, deletes its store, and starts it with new topics and groups. */
  wipeBroker(): Promise<void> {
    return this.stack.wipeBroker();
  }

  /** All of them answer when this returns. */
  async heal(): Promise<void> {
    for (const name of this.names) {
      if (this.stack.isRunning(name)) this.thaw(name);
      await this.startAgain(name);
    }
  }

  /** The data stay for inspection. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.stack.down();
    this.guard?.kill('SIGKILL');
  }
}
