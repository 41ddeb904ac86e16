/** Those who wait for a client to be ready, or to be closed. */
export class Readiness {
  private readonly waiting = new Set<() => void>();

  /** Resolves at the next `wakeAll`, or after `timeoutMs`. */
  wait(timeoutMs: number): Promise<void> {
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

  wakeAll(): void {
    for (const wake of this.waiting) wake();
  }
}
