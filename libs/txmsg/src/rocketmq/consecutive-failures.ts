/** The client is replaced after this many calls in a row without an answer. */
const FAILURES_MAX = 3;

/**
 * Reports once when several calls in a row got no answer. rocketmq-client-nodejs 1.0.8 never drops an
 * isolated endpoint or the producer's route and never reconnects by itself; only a new client looks them up again.
 * Test: connection-loss.spec.ts, "replaces a client whose calls get no answer".
 */
export class ConsecutiveFailures {
  private failures = 0;
  private reported = false;

  constructor(private readonly onLimit: (cause: Error) => void) {}

  count(cause: Error): void {
    this.failures += 1;
    if (this.failures < FAILURES_MAX || this.reported) return;
    this.reported = true;
    this.onLimit(cause);
  }

  reset(): void {
    this.failures = 0;
  }
}
