import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ServiceProcess } from '../../e2e/kit/service-process.js';
import type { Bank } from '@txmsg/contracts';
import { StackError } from '../stack/stack-error.js';
import { waitUntil } from '../stack/wait-until.js';
import { BankClient } from './bank-client.js';
import { BankLog } from './bank-log.js';

const READY_DEADLINE_MS = 60_000;
/** A bank ends within 10 s of SIGTERM by itself; this is for one that hangs. */
const STOP_DEADLINE_MS = 11_000;

export interface DemoBankOptions {
  readonly port: number;
  readonly environment: NodeJS.ProcessEnv;
  /** Gets every line of the bank's log. */
  readonly logFile: string;
}

export interface BankEnd {
  /** By this machine's clock. */
  readonly atMs: number;
  /** The signal or the exit code. */
  readonly how: string;
}

/** One instance of a bank, with its log read along and its HTTP calls at hand. It cannot outlive the demo. */
export class DemoBank {
  readonly client: BankClient;
  readonly log: BankLog;
  readonly ended: Promise<BankEnd>;
  private readonly process: ServiceProcess;

  constructor(
    readonly bank: Bank,
    private readonly options: DemoBankOptions,
  ) {
    this.client = new BankClient(bank, options.port);
    this.process = new ServiceProcess(bank, options.environment, 'pipe');
    this.log = new BankLog(() => this.process.logs());
    this.ended = this.process.exited.then(({ code, signal }) => ({
      atMs: Date.now(),
      how: signal ?? `exit code ${code}`,
    }));
    this.keepLog();
  }

  get isRunning(): boolean {
    return this.process.isRunning;
  }

  /** Ready means: HTTP answers, and the bank reaches MySQL and RocketMQ. */
  async waitUntilReady(): Promise<void> {
    const wait = { deadlineMs: READY_DEADLINE_MS, hint: `Its log: ${this.options.logFile}` };
    await waitUntil(`The start of ${this.bank}`, wait, () => {
      if (!this.isRunning) throw new StackError(this.lastWords());
      return this.client.isReady();
    });
  }

  /** What an ended bank said last: the sentence that tells why it could not start, or a crash's stack. */
  lastWords(): string {
    const said = this.process
      .output()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{'));
    return said.slice(-20).join('\n') || `${this.bank} has ended. Its log: ${this.options.logFile}`;
  }

  /** Asks the process to end, and returns when it has. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const timer = setTimeout(() => void this.process.kill('SIGKILL'), STOP_DEADLINE_MS);
    await this.process.kill('SIGTERM');
    clearTimeout(timer);
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
