import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { ServiceName } from '@txmsg/contracts';
import { Deadline } from 'txmsg';
import { repositoryDirectory } from '../../tools/stack/stack-paths.js';
import { call } from './http.js';

/** A service ends within 10 s of SIGTERM by itself; this is for one that hangs. */
const STOP_DEADLINE_MS = 9500;
/** A service waits up to 30 s for its database. */
const START_DEADLINE_MS = 120_000;
const PROBE_DEADLINE_MS = 5000;
const POLL_MS = 50;
const KILLED_WITHIN_MS = 120_000;
const REPEAT_PAUSE_MS = 2000;

export interface ServiceProcessOptions {
  readonly service: ServiceName;
  readonly mysqlUrl: string;
  readonly endpoints: string;
  /** @default 0, any free one */
  readonly port?: number;
  /** Where it writes its log, by itself; without it every line is read and kept here, which costs this process CPU. */
  readonly logFile?: string;
  /** Further settings. Nothing else of this process's environment reaches the service. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A line of a service's log: `message` and `level`, and often `txNo`. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

export interface ServiceExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a build makes of a service. */
export function serviceProgram(checkout: string, service: ServiceName): string {
  return join(checkout, 'apps', service, 'dist', 'main.js');
}

/** One instance of a service, built. It cannot outlive this process. */
export class ServiceProcess {
  /** Resolves when the process is gone and its last line was read. */
  readonly exited: Promise<ServiceExit>;
  /** The exit code; 128 + the signal's number when a signal ended it. */
  readonly exitCode: Promise<number>;
  private readonly child: ChildProcess;
  private readonly lines: LogLine[] = [];
  private readonly texts: string[] = [];
  private readonly listeners = new Set<(line: LogLine) => void>();
  private stopping = false;
  private baseUrl: string | undefined;
  private guard: ChildProcess | undefined;

  /**
   * @param environment - all that the service sees of one
   * @param destination - `inherit`: it goes where ours goes; `pipe`: it is read here; else the file that it goes to
   * @param linesMax - how many of the latest lines are kept for `logs` and `output`
   * @param checkout - whose build is run
   */
  constructor(
    readonly service: ServiceName,
    environment: NodeJS.ProcessEnv,
    private readonly destination: 'inherit' | 'pipe' | { readonly file: string } = 'inherit',
    private readonly linesMax = Infinity,
    checkout = repositoryDirectory,
  ) {
    const endWithParent = pathToFileURL(join(repositoryDirectory, 'tools', 'end-with-parent.mjs')).href;
    const program = serviceProgram(checkout, service);
    const output = typeof destination === 'string' ? destination : openSync(destination.file, 'w');
    this.child = spawn(process.execPath, ['--enable-source-maps', '--import', endWithParent, program], {
      cwd: checkout,
      env: { ...environment, TXMSG_PARENT_PID: String(process.pid) },
      stdio: ['ignore', output, output],
    });
    if (typeof output === 'number') closeSync(output);
    for (const stream of [this.child.stdout, this.child.stderr]) if (stream) this.read(stream);
    this.exited = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        this.guard?.kill('SIGKILL');
        resolve({ code, signal });
      });
    });
    this.exitCode = this.exited.then(
      ({ code, signal }) => code ?? 128 + (signal ? constants.signals[signal] : 0),
    );
  }

  /**
   * Starts a service and waits until it serves HTTP; its broker may be away.
   * @throws Error with what it said, when it ends instead
   */
  static async start(options: ServiceProcessOptions): Promise<ServiceProcess> {
    const destination = options.logFile === undefined ? 'pipe' : { file: options.logFile };
    const instance = new ServiceProcess(options.service, environmentOf(options), destination);
    const started = instance.until(() => instance.isListening(), START_DEADLINE_MS);
    const isServing = await Promise.race([started, instance.exited.then(() => false)]);
    if (isServing) return instance;
    await instance.kill('SIGKILL');
    throw new Error(`${options.service} did not start:\n${instance.output()}`);
  }

  /** Where it serves, with its prefix: `http://127.0.0.1:56081/bank1`. */
  get url(): string {
    if (this.baseUrl === undefined) throw new Error(`${this.service} does not listen yet`);
    return this.baseUrl;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.service} has no process`);
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits until the service reaches MySQL and RocketMQ. @throws Error when it does not in time, or ends */
  async waitUntilReady(timeoutMs: number): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      const { status } = await call(`${this.url}/health/ready`, {}, PROBE_DEADLINE_MS);
      return status === 200;
    };
    const ready = this.until(isReady, timeoutMs);
    if (await Promise.race([ready, this.exited.then(() => false)])) return;
    throw new Error(`${this.service} was not ready within ${timeoutMs} ms:\n${this.output()}`);
  }

  /**
   * Repeats `request` until the fault at `point` has killed this process: on a busy machine one may fail before it gets
   * there. After each it waits a moment, since a point may come after the answer.
   * @throws Error when none has met the fault in time, or when something else has ended the process
   */
  async killedAt(point: string, request: () => Promise<unknown>): Promise<void> {
    const deadline = Deadline.in(KILLED_WITHIN_MS);
    while (this.isRunning) {
      if (deadline.hasPassed()) throw new Error(`${this.service} was never at ${point}`);
      // One that is killed answers nothing.
      await request().catch(() => undefined);
      await Promise.race([this.exited, delay(REPEAT_PAUSE_MS)]);
    }
    const { code, signal } = await this.exited;
    if (signal !== 'SIGKILL')
      throw new Error(`${this.service} ended with ${signal ?? code}, killed by nobody`);
  }

  /** Every line of the log so far that was kept, oldest first; lines that are no JSON only appear in `output`. */
  logs(): readonly LogLine[] {
    return this.lines;
  }

  /** Everything that it wrote so far, as it came. */
  output(): string {
    if (typeof this.destination === 'object') return readFileSync(this.destination.file, 'utf8');
    return this.texts.map((text) => `${text}\n`).join('');
  }

  /** Calls `listener` for every further line of the log. @returns ends it */
  onLine(listener: (line: LogLine) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Sends the signal; unless it is one that a process survives, waits until the process is gone. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (signal === 'SIGSTOP') this.guardFrozen();
    if (!this.child.kill(signal)) return;
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await this.exited;
  }

  /** Asks the service to end; it may take its time, up to a deadline. Only the first call counts. */
  stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => {
      console.error(
        `${this.service} did not end within ${STOP_DEADLINE_MS / 1000} s of SIGTERM and is killed.`,
      );
      this.child.kill('SIGKILL');
    }, STOP_DEADLINE_MS);
    timer.unref();
  }

  private isListening(): boolean {
    if (typeof this.destination === 'object')
      this.output()
        .split('\n')
        .forEach((text) => this.readLine(text));
    return this.baseUrl !== undefined;
  }

  private readLine(text: string): LogLine | undefined {
    const line = parseLine(text);
    this.baseUrl ??= / listens on (http\S+)$/.exec(line?.message ?? '')?.[1];
    return line;
  }

  private read(stream: Readable): void {
    createInterface({ input: stream }).on('line', (text) => {
      keep(this.texts, text, this.linesMax);
      const line = this.readLine(text);
      if (!line) return;
      keep(this.lines, line, this.linesMax);
      for (const listener of this.listeners) listener(line);
    });
  }

  private async until(check: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
    const endsAtMs = performance.now() + timeoutMs;
    for (;;) {
      if (await Promise.resolve(check()).catch(() => false)) return true;
      if (performance.now() > endsAtMs || this.child.exitCode !== null || this.child.signalCode !== null)
        return false;
      await delay(POLL_MS);
    }
  }

  /** A frozen service cannot see that we are gone. The guard can: its input ends with us, however we end. */
  private guardFrozen(): void {
    const script = `read nothing; kill -9 ${this.pid}`;
    this.guard ??= spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  }
}

/** Whatever asks this program to end, ends the services; their exit then ends the program. */
export function stopOnSignal(services: readonly ServiceProcess[]): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      for (const service of services) service.stop();
    });
  }
}

function environmentOf({
  mysqlUrl,
  endpoints,
  port = 0,
  environment,
}: ServiceProcessOptions): NodeJS.ProcessEnv {
  const settings = { MYSQL_URL: mysqlUrl, ROCKETMQ_ENDPOINTS: endpoints, PORT: String(port) };
  return { PATH: process.env.PATH, HOME: process.env.HOME, ...settings, ...environment };
}

function keep<T>(items: T[], item: T, itemsMax: number): void {
  items.push(item);
  if (items.length > itemsMax) items.shift();
}

function parseLine(text: string): LogLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isLine = typeof value === 'object' && value !== null && 'message' in value;
    return isLine ? { ...value, message: String(value.message) } : undefined;
  } catch {
    return undefined;
  }
}
