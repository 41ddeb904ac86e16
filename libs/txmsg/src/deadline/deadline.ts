/** A moment by which something must have ended, on the monotonic clock, which does not jump. */
export class Deadline {
  private constructor(private readonly endsAtMs: number) {}

  /** The deadline `timeoutMs` from now. */
  static in(timeoutMs: number): Deadline {
    return new Deadline(performance.now() + timeoutMs);
  }

  /** What is left, in whole ms; 0 when it has passed. */
  remainingMs(): number {
    return Math.max(0, Math.round(this.endsAtMs - performance.now()));
  }

  /** True when nothing is left. */
  hasPassed(): boolean {
    return this.remainingMs() === 0;
  }

  /** The earlier of this deadline and `timeoutMs` from now. */
  atMost(timeoutMs: number): Deadline {
    return new Deadline(Math.min(this.endsAtMs, performance.now() + timeoutMs));
  }
}
