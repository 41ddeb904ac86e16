/**
 * Attempts whose local transaction is running in this process. A check-back for one of them is answered UNKNOWN: fencing it
 * would roll back work that is about to commit. Other processes do fence it, which is safe too.
 */
export class RunningAttempts {
  private readonly attempts = new Map<string, Promise<unknown>>();

  async whileRunning<T>(attempt: string, work: () => Promise<T>): Promise<T> {
    const running = work();
    this.attempts.set(attempt, running);
    try {
      return await running;
    } finally {
      // Not when the local transaction goes on after its caller was answered: then it is registered anew.
      if (this.attempts.get(attempt) === running) this.attempts.delete(attempt);
    }
  }

  has(attempt: string): boolean {
    return this.attempts.has(attempt);
  }

  /** Resolves when none is running. */
  async idle(): Promise<void> {
    while (this.attempts.size > 0) await Promise.allSettled(this.attempts.values());
  }
}
