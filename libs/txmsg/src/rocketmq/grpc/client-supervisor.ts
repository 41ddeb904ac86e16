import { Deadline, waitAtMost, withDeadline } from '../../deadline/index.js';
import type { TransportLogger } from '../../options/rocketmq.options.js';
import { STABLE_AFTER_MS, SupervisedClient } from '../supervised.client.js';
import { describeFailure } from './broker-error.mapper.js';
import type { HardenedClient } from './hardened-client.js';

export interface SupervisorOptions<Client> {
  /** For logs: "producer of topic_x". */
  readonly name: string;
  readonly topic: string;
  readonly logger: TransportLogger;
  /** Makes a client that has not been started; it calls `onLost` when it is no longer usable. */
  readonly create: (onLost: (cause: Error) => void) => Client;
  /** A start that has not ended by then never will: the client can miss the broker's first answer. */
  readonly startTimeoutMs: number;
}

/**
 * Keeps one working client of rocketmq-client-nodejs 1.0.8 for as long as it is not closed. That client's startup
 * may never end, and little in it recovers from a broker that went away; so a client that is lost is never repaired, only
 * replaced: by one whose startup succeeded within a deadline. The old one serves until then, or until the first
 * attempt to replace it has failed.
 * Tests: client-supervisor.spec.ts.
 */
export class ClientSupervisor<Client extends HardenedClient> extends SupervisedClient {
  private readonly retirements = new Map<Client, Promise<void>>();
  private working: Client | undefined;
  private interrupt: (cause: Error) => void = () => undefined;

  constructor(private readonly options: SupervisorOptions<Client>) {
    super({ ...options, describeFailure });
  }

  isReady(): boolean {
    return this.working !== undefined;
  }

  /** The working client. @throws BrokerNotReadyError when there is none */
  current(operation: string): Client {
    if (!this.working) throw this.notReady(operation);
    return this.working;
  }

  async close(timeoutMs: number): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    this.loop.requestStop();
    this.interrupt(new Error('it is being closed'));
    this.replace(undefined);
    await this.loop.stop(deadline.remainingMs());
    await waitAtMost(Promise.all(this.retirements.values()), deadline.remainingMs());
    for (const client of this.retirements.keys()) client.terminate();
  }

  protected async supervise(): Promise<void> {
    const startedAt = performance.now();
    const lost = new Promise<Error>((resolve) => (this.interrupt = resolve));
    const next = this.options.create(this.interrupt);
    if (await this.startsWell(next, lost)) {
      this.replace(next);
      const cause = await lost;
      this.report('lost its connection', cause);
    }
    if (performance.now() - startedAt > STABLE_AFTER_MS) this.backOff.reset();
    else await this.backOff.pause(this.signal);
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
      this.signal.throwIfAborted();
      return true;
    } catch (error) {
      this.retire(next);
      this.replace(undefined);
      this.report('cannot connect', error as Error);
      return false;
    }
  }

  private replace(next: Client | undefined): void {
    if (this.working) this.retire(this.working);
    this.working = next;
    if (next) {
      this.lastFailure = undefined;
      this.announceConnected();
    } else if (this.signal.aborted) this.wakeWaiting();
  }

  private retire(client: Client): void {
    const retirement = client.shutdown().finally(() => this.retirements.delete(client));
    this.retirements.set(client, retirement);
  }
}
