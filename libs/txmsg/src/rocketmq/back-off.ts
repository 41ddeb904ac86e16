import { setTimeout as delay } from 'node:timers/promises';

/** Pauses that double from `firstMs` to `lastMs`, each shortened at random so that clients do not return in step. */
export class BackOff {
  private nextMs: number;

  constructor(
    private readonly firstMs: number,
    private readonly lastMs: number,
  ) {
    this.nextMs = firstMs;
  }

  /** Resolves after the pause, or at once when `signal` is aborted; never rejects. */
  async pause(signal: AbortSignal, atMostMs = Infinity): Promise<void> {
    const pauseMs = Math.min(this.nextMs * (0.5 + Math.random() / 2), atMostMs);
    this.nextMs = Math.min(this.nextMs * 2, this.lastMs);
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }

  reset(): void {
    this.nextMs = this.firstMs;
  }
}
