/** So many calls in a row without any answer, and the client is replaced by a new one. */
const FAILURES_MAX = 3;

/**
 * Reports once when several calls in a row got no answer. rocketmq-client-nodejs 1.0.8 keeps isolated endpoints
 * and the producer's route for ever and never reconnects by itself; only a new client looks again.
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
