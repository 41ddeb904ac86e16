import { setTimeout as delay } from 'node:timers/promises';
import { ServiceProcess } from '../../e2e/kit/service-process.js';
import type { ServiceName } from '@txmsg/contracts';
import type { ChaosLog } from './chaos-log.js';
import type { InstanceTarget } from './fault-plan.js';

const READY_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 11_000;
const POLL_MS = 200;
/** The files have all of them. */
const LINES_KEPT = 100;

/** One instance of a service; its process changes with every kill, its name and port stay. */
export class ChaosService {
  readonly service: ServiceName;
  private process: ServiceProcess | undefined;
  private isExpectedToRun = false;

  constructor(
    readonly name: InstanceTarget,
    private readonly port: number,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly log: ChaosLog,
    /** Called with the last lines of a process that has ended by itself. */
    private readonly onUnexpectedEnd: (what: string) => void,
    /** Whose build is run. @default this one's */
    private readonly checkout?: string,
  ) {
    this.service = name.slice(0, -'-a'.length) as ServiceName;
  }

  /** Where it is, or will be. */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Undefined while no process could answer. */
  get url(): string | undefined {
    try {
      return this.process?.isRunning === true ? this.process.url : undefined;
    } catch {
      return undefined;
    }
  }

  start(environment: NodeJS.ProcessEnv = {}): void {
    Object.assign(this.environment, environment);
    const settings = { ...this.environment, PORT: String(this.port) };
    const process = new ServiceProcess(this.service, settings, 'pipe', LINES_KEPT, this.checkout);
    process.onLine((line) => {
      this.log.add(this.name, line);
    });
    this.process = process;
    this.isExpectedToRun = true;
    void process.exited.then(({ code, signal }) => {
      if (this.process !== process || !this.isExpectedToRun) return;
      this.onUnexpectedEnd(
        `${this.name} ended by itself (${signal ?? `exit code ${code}`}):\n${process.output()}`,
      );
      this.start();
    });
  }

  async untilReady(): Promise<void> {
    const endsAtMs = Date.now() + READY_DEADLINE_MS;
    while (this.process !== undefined) {
      const isReady = await this.process.waitUntilReady(POLL_MS).then(
        () => true,
        () => false,
      );
      if (isReady) break;
      if (Date.now() > endsAtMs) {
        const what = `${this.name} was not ready within ${READY_DEADLINE_MS} ms`;
        throw new Error(`${what}:\n${this.process.output()}`);
      }
      await delay(POLL_MS);
    }
  }

  async kill(): Promise<void> {
    this.isExpectedToRun = false;
    await this.process?.kill('SIGKILL');
  }

  async signal(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    await this.process?.kill(signal);
  }

  /** @returns false when it had to be killed */
  async stop(): Promise<boolean> {
    this.isExpectedToRun = false;
    if (this.process?.isRunning !== true) return true;
    await this.process.kill('SIGCONT');
    let isClean = true;
    const timer = setTimeout(() => {
      isClean = false;
      void this.process?.kill('SIGKILL');
    }, STOP_DEADLINE_MS);
    await this.process.kill('SIGTERM');
    clearTimeout(timer);
    return isClean;
  }
}
