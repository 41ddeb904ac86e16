import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhenResult,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { isReceiverWell, type CallResult } from '../call/call-result.js';

export interface LaneLimits {
  readonly concurrencyPerSubscriber: number;
  readonly breakerFailures: number;
  readonly breakerPauseMs: number;
}

/**
 * The calls of this process to one subscriber. How many run at a time follows from what it answered last: one until it has
 * answered soundly, none while its circuit is open, one to try whether it is back.
 */
export class SubscriberLane {
  private running = 0;
  private isSound = false;
  private breaker: CircuitBreakerPolicy;
  /** By `performance.now`: until then nobody is called. */
  private openUntilMs = 0;

  constructor(private readonly limits: LaneLimits) {
    this.breaker = this.createBreaker();
  }

  /** How many more calls may begin now. */
  free(): number {
    return Math.max(0, this.limit() - this.running);
  }

  /** Whether it has answered soundly last: others have their share of the process first. */
  get isTrusted(): boolean {
    return this.isSound;
  }

  /** Nothing would be lost by forgetting it. */
  get isForgettable(): boolean {
    return this.running === 0 && this.breaker.state === CircuitState.Closed;
  }

  /** Counts `work`, which calls once, until it has ended. */
  async occupy<T>(work: () => Promise<T>): Promise<T> {
    this.running += 1;
    try {
      return await work();
    } finally {
      this.running -= 1;
    }
  }

  /**
   * An error of `call` is rethrown, and is no failure of the subscriber.
   * @returns undefined when its circuit turned out to be open: then nobody was called
   */
  async run(call: () => Promise<CallResult>): Promise<CallResult | undefined> {
    try {
      const result = await this.breaker.execute(call);
      this.isSound = isReceiverWell(result);
      return result;
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      // cockatiel 3.2.1 measures the pause by the wall clock. When that was set back, the pause would last as much longer.
      if (performance.now() >= this.openUntilMs) this.breaker = this.createBreaker();
      return undefined;
    }
  }

  private limit(): number {
    switch (this.breaker.state) {
      case CircuitState.Open:
        return performance.now() >= this.openUntilMs ? 1 : 0;
      case CircuitState.Closed:
        return this.isSound ? this.limits.concurrencyPerSubscriber : 1;
      case CircuitState.HalfOpen:
      case CircuitState.Isolated:
        return 0;
    }
  }

  private createBreaker(): CircuitBreakerPolicy {
    const { breakerFailures, breakerPauseMs } = this.limits;
    const breaker = circuitBreaker(
      handleWhenResult((result) => !isReceiverWell(result as CallResult)),
      { halfOpenAfter: breakerPauseMs, breaker: new ConsecutiveBreaker(breakerFailures) },
    );
    breaker.onBreak(() => {
      // A moment later than by cockatiel's own clock, which would refuse the trial else.
      this.openUntilMs = performance.now() + breakerPauseMs + 2;
    });
    return breaker;
  }
}
