/** Nobody had a turn for it in time. */
export class NoTurnError extends Error {
  override readonly name = 'NoTurnError';
}

/** More than these would wait longer than anybody does, and keep their requests in memory. */
const WAITING_MAX = 1000;

/** Lets so many works run at a time; others wait, in their order, and not longer than each may. */
export class Turns {
  private readonly waiting = new Set<() => void>();
  private running = 0;

  constructor(private readonly atOnce: number) {}

  /** @throws NoTurnError: `work` was not called */
  async run<T>(work: () => Promise<T>, timeoutMs: number): Promise<T> {
    await this.turn(timeoutMs);
    try {
      return await work();
    } finally {
      this.running -= 1;
      const [next] = this.waiting;
      next?.();
    }
  }

  private turn(timeoutMs: number): Promise<void> {
    if (this.running < this.atOnce) {
      this.running += 1;
      return Promise.resolve();
    }
    if (this.waiting.size >= WAITING_MAX) return Promise.reject(new NoTurnError('too many wait for a turn'));
    return new Promise((resolve, reject) => {
      const take = (): void => {
        clearTimeout(timer);
        this.waiting.delete(take);
        this.running += 1;
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.delete(take);
        reject(new NoTurnError(`there was no turn within ${timeoutMs} ms`));
      }, timeoutMs);
      this.waiting.add(take);
    });
  }
}
