import type { BrokerClient } from '../../broker/index.js';
import { Deadline, withDeadline } from '../../deadline/index.js';
import { BrokerNotReadyError } from '../../errors/index.js';
import { BackOff } from '../back-off.js';
import { describeFailure } from './broker-error.mapper.js';
import type { HardenedClient } from './hardened-client.js';
import type { TransportLogger } from '../../rocketmq.options.js';

export interface SupervisorOptions<Client> {
  /** For logs: "producer of topic_x". */
  readonly name: string;
  readonly topic: string;
  readonly logger: TransportLogger;
  /** Makes a client that has not been started; it calls `onLost` when it can be of no more use. */
  readonly create: (onLost: (cause: Error) => void) => Client;
  /** A start that has not ended by then never will: the client can miss the broker's first answer. */
  readonly startTimeoutMs: number;
}

/** A client that lived so long did not fail for the reason its predecessor failed. */
const STABLE_AFTER_MS = 10_000;

/**
 * Keeps one working client of rocketmq-client-nodejs 1.0.8 for as long as it is not closed. That client's startup
 * may hang for ever, and little in it recovers from a broker that went away; so a client is never repaired, only
 * replaced: by one whose startup succeeded within a deadline. The old one serves until then, or until the first
 * attempt to replace it has failed.
 * Tests: client-supervisor.spec.ts.
 */
export class ClientSupervisor<Client extends HardenedClient> implements BrokerClient {
  private readonly closing = new AbortController();
  private readonly retirements = new Map<Client, Promise<void>>();
  private readonly waiting = new Set<() => void>();
  private readonly backOff = new BackOff(500, 5_000);
  private current: Client | undefined;
  private lastFailure: Error | undefined;
  private supervision: Promise<void> | undefined;
  private interrupt: (cause: Error) => void = () => undefined;

  constructor(private readonly options: SupervisorOptions<Client>) {}

  /** Aborted when this is closed: whoever waits between two tries gives up. */
  get signal(): AbortSignal {
    return this.closing.signal;
  }

  start(): void {
    if (!this.closing.signal.aborted) this.supervision ??= this.supervise();
  }

  isReady(): boolean {
    return this.current !== undefined;
  }

  whyNotReady(): string | undefined {
    if (this.current) return undefined;
    return this.lastFailure === undefined ? 'it is starting' : describeFailure(this.lastFailure);
  }

  async whenReady(timeoutMs: number): Promise<void> {
    if (this.current) return;
    if (this.closing.signal.aborted) throw this.notReady('connecting');
    let wake: () => void = () => undefined;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    this.waiting.add(wake);
    try {
      await withDeadline(woken, timeoutMs, () => this.notReady('connecting'));
    } finally {
      this.waiting.delete(wake);
    }
    this.client('connecting');
  }

  /** The working client. @throws BrokerNotReadyError when there is none */
  client(operation: string): Client {
    if (!this.current) throw this.notReady(operation);
    return this.current;
  }

  async close(timeoutMs: number): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    this.closing.abort();
    this.interrupt(new Error('it is being closed'));
    this.replaceCurrent(undefined);
    await withDeadline(this.ended(), deadline.remainingMs(), () => new Error('late')).catch(() => undefined);
    for (const client of this.retirements.keys()) client.terminate();
  }

  private async ended(): Promise<void> {
    await this.supervision;
    await Promise.all(this.retirements.values());
  }

  private async supervise(): Promise<void> {
    while (!this.closing.signal.aborted) {
      const startedAt = performance.now();
      const lost = new Promise<Error>((resolve) => (this.interrupt = resolve));
      const next = this.options.create(this.interrupt);
      if (await this.startsWell(next, lost)) {
        this.replaceCurrent(next);
        const cause = await lost;
        this.report('lost its connection', cause);
      }
      if (performance.now() - startedAt > STABLE_AFTER_MS) this.backOff.reset();
      else await this.backOff.pause(this.closing.signal);
    }
  }

  private async startsWell(next: Client, lost: Promise<Error>): Promise<boolean> {
    const { startTimeoutMs } = this.options;
    const lostEarly = lost.then((cause) => Promise.reject(cause));
    try {
      const started = Promise.race([next.startup(), lostEarly]);
      await withDeadline(
        started,
        startTimeoutMs,
        () => new Error(`no start within ${startTimeoutMs} ms: ${next.startWaitsFor()}`),
      );
      this.closing.signal.throwIfAborted();
      return true;
    } catch (error) {
      this.retire(next);
      this.replaceCurrent(undefined);
      this.report('cannot connect', error as Error);
      return false;
    }
  }

  private replaceCurrent(next: Client | undefined): void {
    if (this.current) this.retire(this.current);
    this.current = next;
    if (next) {
      this.lastFailure = undefined;
      this.options.logger.log(`The ${this.options.name} is connected.`);
    }
    if (next || this.closing.signal.aborted) for (const wake of this.waiting) wake();
  }

  private retire(client: Client): void {
    const retirement = client.shutdown().finally(() => this.retirements.delete(client));
    this.retirements.set(client, retirement);
  }

  /** Logs a failure when it is another one than before: the same one every few seconds would bury the log. */
  private report(event: string, failure: Error): void {
    const isNews =
      this.lastFailure === undefined || describeFailure(this.lastFailure) !== describeFailure(failure);
    this.lastFailure = failure;
    if (this.closing.signal.aborted || !isNews) return;
    this.options.logger.warn(
      `The ${this.options.name} ${event}, and keeps trying: ${describeFailure(failure)}`,
    );
  }

  private notReady(operation: string): BrokerNotReadyError {
    return new BrokerNotReadyError(
      operation,
      this.options.topic,
      { cause: this.lastFailure },
      this.whyNotReady(),
    );
  }
}
