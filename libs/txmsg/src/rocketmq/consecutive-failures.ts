/** So many calls in a row without an answer are reported. */
const FAILURES_MAX = 3;

/**
 * Reports when several calls to one address in a row got no answer. rocketmq-client-nodejs 1.0.8 never drops an
 * isolated endpoint or the producer's route and never reconnects by itself; only a new client looks them up again.
 * Test: connection-loss.spec.ts, "replaces a client whose calls get no answer".
 */
export class ConsecutiveFailures<Address extends { readonly facade: string }> {
  private readonly failures = new Map<string, number>();

  constructor(private readonly onLimit: (address: Address, cause: Error) => void) {}

  count(address: Address, cause: Error): void {
    const failures = (this.failures.get(address.facade) ?? 0) + 1;
    this.failures.set(address.facade, failures % FAILURES_MAX);
    if (failures === FAILURES_MAX) this.onLimit(address, cause);
  }

  reset({ facade }: Address): void {
    this.failures.delete(facade);
  }
}
