import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { childEnvironment } from './child-environment.js';
import { canListen } from './ports.js';
import { findProcesses, hasEnded, isListening } from './process-table.js';
import { StackError } from './stack-error.js';
import { waitUntil } from './wait-until.js';

export type ServerName = 'mysql' | 'namesrv' | 'broker' | 'seata';

/** How one server is run: all that differs between them. */
export interface ServerPlan {
  readonly name: ServerName;
  /** Put in front of the command line; it becomes the program, and is no more to be seen. */
  readonly launcher?: readonly string[];
  readonly program: string;
  readonly arguments: readonly string[];
  /** The argument by which a running process is known to be this server of this stack. */
  readonly marker: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** All that it listens on. */
  readonly ports: readonly number[];
  readonly workingDirectory: string;
  readonly logFile: string;
  /** A cold start on a busy machine, recovery included. */
  readonly readyDeadlineMs: number;
  /** Makes what it needs of others, before `up` starts it. */
  prepare?(): Promise<void>;
  /** Clears away what a killed predecessor left, and makes what the server finds around it. */
  beforeStart?(): void | Promise<void>;
  /** Takes away what was made for it; not done for a server that is killed and comes back. */
  afterStop?(): Promise<void>;
  /** SIGKILL for a server that keeps nothing, or whose store survives it. */
  readonly stopSignal: 'SIGTERM' | 'SIGKILL';
  /** Whether a server that is ending has nothing more to write and may be killed. @default when it is gone */
  isSaved?(): boolean;
  /** Whether nobody answers at its ports any more. @default whether this machine's network has them free */
  isAway?(): Promise<boolean>;
  /** Asks the server itself; that it has all its ports is looked at besides. Throwing means "not yet". */
  isReady(): Promise<boolean>;
}

/** A clean stop takes MySQL one second and the broker seven; beyond this it is stuck. */
const STOP_DEADLINE_MS = 20_000;
const KILL_DEADLINE_MS = 10_000;
/** A server that was killed from outside gives its ports back a moment after it has vanished. */
const PORTS_DEADLINE_MS = 5000;

/** One server as an operating system process that outlives the program which started it. */
export class ServerProcess {
  constructor(readonly plan: ServerPlan) {}

  get pid(): number | undefined {
    return findProcesses(this.plan.marker)[0]?.pid;
  }

  get running(): boolean {
    return this.pid !== undefined;
  }

  /** Whether it runs with exactly these arguments; else other ports or settings have been planned since. */
  get runningAsPlanned(): boolean {
    const planned = this.plan.arguments.join(' ');
    const found = findProcesses(this.plan.marker);
    return found.length === 1 && found.every(({ commandLine }) => commandLine.endsWith(planned));
  }

  /** Starts the server and returns before it is ready. */
  async start(): Promise<void> {
    await this.waitForPorts();
    await this.plan.beforeStart?.();
    const { program, logFile, workingDirectory, environment } = this.plan;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    const [first, ...rest] = [...(this.plan.launcher ?? []), program, ...this.plan.arguments];
    const child = spawn(first ?? program, rest, {
      cwd: workingDirectory,
      detached: true,
      env: { ...childEnvironment(), ...environment },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    // Without a listener a program that cannot be started would end this process; readiness reports it.
    child.on('error', () => undefined);
    child.unref();
  }

  async waitUntilReady(): Promise<void> {
    const { name, ports, readyDeadlineMs, logFile } = this.plan;
    const what = `The answer of the server "${name}"`;
    const options = { deadlineMs: readyDeadlineMs, hint: `Its log: ${logFile}` };
    let wasGone = false;
    await waitUntil(what, options, async () => {
      // While a launcher becomes the server, neither has a command line for a moment.
      const { pid } = this;
      if (pid === undefined && wasGone) throw new StackError(this.describeDeath());
      wasGone = pid === undefined;
      // A program that was faster to take a port answers there until this one has noticed, and ended.
      return (
        pid !== undefined && (await this.plan.isReady()) && ports.every((port) => isListening(pid, port))
      );
    });
  }

  /** @returns the pids that got the signal; none when the server does not run */
  signal(signal: NodeJS.Signals): number[] {
    const pids = findProcesses(this.plan.marker).map(({ pid }) => pid);
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    return pids;
  }

  /** Sends the signal and waits until the process is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const pids = this.signal(signal);
    const options = {
      deadlineMs: signal === 'SIGKILL' ? KILL_DEADLINE_MS : STOP_DEADLINE_MS,
      intervalMs: 20,
    };
    await waitUntil(`The end of the server "${this.plan.name}"`, options, () => pids.every(hasEnded));
    // Threads of Java's hold its sockets for a moment longer.
    if (this.plan.isAway) await this.waitForPorts();
  }

  /** Stops cleanly; a server that does not end in time is killed. */
  async stop(): Promise<void> {
    const pids = this.signal(this.plan.stopSignal);
    // It may have been frozen by SIGSTOP, and would not notice.
    this.signal('SIGCONT');
    const options = { deadlineMs: STOP_DEADLINE_MS, intervalMs: 50 };
    const stopped = (): boolean => pids.every(hasEnded) || (this.plan.isSaved?.() ?? false);
    await waitUntil('The stop', options, stopped).catch(() => undefined);
    await this.kill('SIGKILL');
    await this.plan.afterStop?.();
  }

  /** A program that still has a port after this makes the start fail, and the server's log names it. */
  private async waitForPorts(): Promise<void> {
    const options = { deadlineMs: PORTS_DEADLINE_MS };
    await waitUntil('The release of the ports', options, () => this.portsAreFree()).catch(() => undefined);
  }

  async portsAreFree(): Promise<boolean> {
    if (this.plan.isAway) return this.plan.isAway();
    const free = await Promise.all(this.plan.ports.map((port) => canListen(port)));
    return free.every(Boolean);
  }

  private describeDeath(): string {
    const { name, logFile } = this.plan;
    const end = lastLines(logFile, 5);
    return `The server "${name}" ended while starting. Its log: ${logFile}${end && `\n${end}`}`;
  }
}

function lastLines(file: string, count: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
