import type { BrokerClient } from '../broker/index.js';
import { Deadline, waitAtMost } from '../deadline/index.js';

/** Turns whatever a call threw into an error of this library, with the original as its cause. */
export type ErrorMapper = (error: unknown, operation: string, topic: string, timeoutMs: number) => Error;

/** What every producer and consumer of either protocol has; it is ready exactly while the client that it uses is. */
export abstract class TransportClient implements BrokerClient {
  protected abstract readonly client: BrokerClient;

  constructor(
    protected readonly topic: string,
    private readonly toBrokerError: ErrorMapper,
  ) {}

  start(): void {
    this.client.start();
  }

  isReady(): boolean {
    return this.client.isReady();
  }

  whyNotReady(): string | undefined {
    return this.client.whyNotReady();
  }

  whenReady(timeoutMs: number): Promise<void> {
    return this.client.whenReady(timeoutMs);
  }

  async close(timeoutMs: number): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    await waitAtMost(this.endCalls(), timeoutMs / 2);
    await this.client.close(deadline.remainingMs());
  }

  /** Begins no further call; resolves when those have ended that `close` waits for. */
  protected endCalls(): Promise<unknown> {
    return Promise.resolve();
  }

  /** @throws BrokerError when `call` fails, whatever it throws */
  protected async call<T>(operation: string, timeoutMs: number, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw this.toBrokerError(error, operation, this.topic, timeoutMs);
    }
  }
}
