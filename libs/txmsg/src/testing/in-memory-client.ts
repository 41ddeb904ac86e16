import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerClient } from '../broker/index.js';
import { withDeadline } from '../deadline/index.js';
import { BrokerNotReadyError, BrokerTimeoutError } from '../errors/index.js';
import type { InMemoryFaults } from './in-memory-faults.js';
import type { InMemoryTopic } from './in-memory-topic.js';

/** What all clients of the broker in memory share: they come to life, lose the broker and find it again. */
export abstract class InMemoryClient implements BrokerClient {
  protected readonly closing = new AbortController();
  private started = false;

  constructor(
    protected readonly topic: InMemoryTopic,
    protected readonly faults: InMemoryFaults,
  ) {}

  start(): void {
    this.started = true;
  }

  isReady(): boolean {
    return this.started && this.faults.isUp && !this.closing.signal.aborted;
  }

  whyNotReady(): string | undefined {
    return this.isReady() ? undefined : 'the broker in memory is away';
  }

  async whenReady(timeoutMs: number): Promise<void> {
    if (this.isReady()) return;
    if (this.closing.signal.aborted) throw this.notReady('connecting');
    let stopWatching: () => void = () => undefined;
    const back = new Promise<void>((resolve) => (stopWatching = this.faults.watch(resolve)));
    try {
      await withDeadline(back, timeoutMs, () => this.notReady('connecting'));
    } finally {
      stopWatching();
    }
    if (!this.isReady()) throw this.notReady('connecting');
  }

  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- nothing here takes time.
  close(timeoutMs: number): Promise<void> {
    this.closing.abort();
    return Promise.resolve();
  }

  /** Runs `act` as a call to the broker: not when it is away, and late when it is slow. */
  protected async call<T>(operation: string, timeoutMs: number, act: () => T): Promise<T> {
    if (!this.isReady()) throw this.notReady(operation);
    const outcome = act();
    if (this.faults.delayMs > 0) await delay(Math.min(this.faults.delayMs, timeoutMs));
    if (this.faults.delayMs > timeoutMs) throw new BrokerTimeoutError(operation, this.topic.name, timeoutMs);
    return outcome;
  }

  protected notReady(operation: string): BrokerNotReadyError {
    return new BrokerNotReadyError(operation, this.topic.name);
  }
}
