import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ServiceName } from '@txmsg/contracts';
import { call } from '../../e2e/kit/http.js';
import { ServiceProcess } from '../../e2e/kit/service-process.js';
import { StackError } from '../stack/stack-error.js';
import { waitUntil } from '../stack/wait-until.js';
import { BankLog } from './bank-log.js';

const READY_DEADLINE_MS = 60_000;
const PROBE_DEADLINE_MS = 15_000;
/** A service ends within 10 s of SIGTERM by itself; this is for one that hangs. */
const STOP_DEADLINE_MS = 11_000;

export interface DemoServiceOptions {
  readonly port: number;
  /** The first segment of every path. */
  readonly prefix: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Gets every line of the service's log. */
  readonly logFile: string;
}

export interface ServiceEnd {
  /** By this machine's clock. */
  readonly atMs: number;
  /** The signal or the exit code. */
  readonly how: string;
}

/** One instance of a service, with its log read along. It cannot outlive the demo. */
export class DemoService<Name extends ServiceName = ServiceName> {
  readonly url: string;
  readonly log: BankLog;
  readonly ended: Promise<ServiceEnd>;
  private readonly process: ServiceProcess;

  constructor(
    readonly name: Name,
    private readonly options: DemoServiceOptions,
  ) {
    this.url = `http://127.0.0.1:${options.port}/${options.prefix}`;
    this.process = new ServiceProcess(name, options.environment, 'pipe');
    this.log = new BankLog(() => this.process.logs());
    this.ended = this.process.exited.then(({ code, signal }) => ({
      atMs: Date.now(),
      how: signal ?? `exit code ${code}`,
    }));
    this.keepLog();
  }

  get logFile(): string {
    return this.options.logFile;
  }

  get isRunning(): boolean {
    return this.process.isRunning;
  }

  /** Ready means: HTTP answers, and the service reaches MySQL and RocketMQ. */
  async waitUntilReady(): Promise<void> {
    const wait = { deadlineMs: READY_DEADLINE_MS, hint: `Its log: ${this.options.logFile}` };
    await waitUntil(`The start of ${this.name}`, wait, () => {
      if (!this.isRunning) throw new StackError(this.lastWords());
      return this.isReady();
    });
  }

  /** Waits until the process has ended by itself, or by a fault. */
  async untilEnded(deadlineMs: number): Promise<ServiceEnd> {
    const wait = { deadlineMs, hint: `Its log: ${this.options.logFile}` };
    await waitUntil(`The end of ${this.name}`, wait, () => !this.isRunning);
    return this.ended;
  }

  /** What an ended service said last: the sentence that tells why it could not start, or a crash's stack. */
  lastWords(): string {
    const said = this.process
      .output()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{'));
    return said.slice(-20).join('\n') || `${this.name} has ended. Its log: ${this.options.logFile}`;
  }

  /** Asks the process to end, and returns when it has. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const timer = setTimeout(() => void this.process.kill('SIGKILL'), STOP_DEADLINE_MS);
    await this.process.kill('SIGTERM');
    clearTimeout(timer);
  }

  /** Ends the process as a power failure does. @returns how it has ended */
  async kill(): Promise<ServiceEnd> {
    await this.process.kill('SIGKILL');
    return this.ended;
  }

  private isReady(): Promise<boolean> {
    return call(`${this.url}/health/ready`, {}, PROBE_DEADLINE_MS).then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** For a closer look, during and after the demo. */
  private keepLog(): void {
    const { logFile } = this.options;
    mkdirSync(dirname(logFile), { recursive: true });
    this.process.onLine((line) => {
      try {
        appendFileSync(logFile, `${JSON.stringify(line)}\n`);
      } catch {
        // A full disk: the file is a help, and nothing depends on it.
      }
    });
  }
}
