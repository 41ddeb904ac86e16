import type { BrokerClient } from '../broker/index.js';
import { BackgroundLoop } from '../deadline/index.js';
import { BrokerNotReadyError } from '../errors/index.js';
import type { TransportLogger } from '../options/rocketmq.options.js';
import { BackOff } from './back-off.js';

export interface SupervisedClientOptions {
  /** For logs: "producer of topic_x". */
  readonly name: string;
  readonly topic: string;
  readonly logger: TransportLogger;
  /** A failure in one line, in words for an operator. */
  readonly describeFailure: (error: unknown) => string;
}

/** A connection that lasted this long has worked: after its loss the back-off begins anew. */
export const STABLE_AFTER_MS = 10_000;

/**
 * What the clients of both protocols share: a loop that connects again until the client is closed, callers that wait
 * for a connection, the reason why there is none, and one log line for each new failure.
 */
export abstract class SupervisedClient implements BrokerClient {
  protected readonly loop = new BackgroundLoop();
  protected readonly backOff = new BackOff(500, 5_000);
  protected lastFailure: Error | undefined;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly supervised: SupervisedClientOptions) {}

  abstract isReady(): boolean;
  abstract close(timeoutMs: number): Promise<void>;
  /** One round: connects, or maintains the connection; resolves when the next round is due. Never rejects. */
  protected abstract supervise(): Promise<void>;

  /** Aborted when this is closed: a caller that pauses between two tries gives up. */
  get signal(): AbortSignal {
    return this.loop.signal;
  }

  start(): void {
    this.loop.start(async () => {
      await this.supervise();
      return 0;
    });
  }

  whyNotReady(): string | undefined {
    if (this.isReady()) return undefined;
    return this.lastFailure === undefined
      ? 'it is starting'
      : this.supervised.describeFailure(this.lastFailure);
  }

  async whenReady(timeoutMs: number): Promise<void> {
    if (!this.isReady() && !this.signal.aborted) await this.connectedOrClosed(timeoutMs);
    if (!this.isReady()) throw this.notReady('connecting');
  }

  protected announceConnected(): void {
    this.supervised.logger.log(`The ${this.supervised.name} is connected.`);
    this.wakeWaiting();
  }

  protected wakeWaiting(): void {
    for (const wake of this.waiting) wake();
  }

  /** Logs a failure unless it repeats the one before: the same line every few seconds would drown the log. */
  protected report(event: string, failure: Error): void {
    const { describeFailure, logger, name } = this.supervised;
    const isNew =
      this.lastFailure === undefined || describeFailure(this.lastFailure) !== describeFailure(failure);
    this.lastFailure = failure;
    if (this.signal.aborted || !isNew) return;
    logger.warn(`The ${name} ${event}, and keeps trying: ${describeFailure(failure)}`);
  }

  protected notReady(operation: string): BrokerNotReadyError {
    const { topic } = this.supervised;
    return new BrokerNotReadyError(operation, topic, { cause: this.lastFailure }, this.whyNotReady());
  }

  private connectedOrClosed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.waiting.add(wake);
    });
  }
}
