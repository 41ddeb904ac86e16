/**
 * Attempts whose local transaction is running in this process. A check-back for one of them answers UNKNOWN:
 * fencing it would only undo work that is about to finish. (Other processes do fence it; that is safe too.)
 */
export class RunningAttempts {
  private readonly attempts = new Map<string, Promise<unknown>>();

  async whileRunning<T>(attempt: string, work: () => Promise<T>): Promise<T> {
    const running = work();
    this.attempts.set(attempt, running);
    try {
      return await running;
    } finally {
      // Unless its local transaction runs on without the caller, who has been answered.
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
