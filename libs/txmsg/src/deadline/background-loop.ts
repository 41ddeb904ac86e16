import { setTimeout as delay } from 'node:timers/promises';
import { waitAtMost } from './with-deadline.js';

/**
 * Work that is repeated in the background until it is stopped. A pause between two rounds ends early when the loop is
 * woken or stopped; the round itself is never cut off.
 */
export class BackgroundLoop {
  private readonly stopping = new AbortController();
  /** Ends the pause that goes on; an abort signal would make two errors for each wake-up. */
  private endPause: () => void = () => undefined;
  private isAwake = false;
  private running: Promise<void> | undefined;

  /** Aborted as soon as the loop is to stop. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /**
   * Begins the rounds. Does nothing when the loop runs already or was stopped.
   * @param round - handles its own errors and resolves with the pause before the next round, in ms; 0 is no pause
   * @param firstPauseMs - before the first round
   */
  start(round: () => Promise<number>, firstPauseMs = 0): void {
    if (!this.signal.aborted) this.running ??= this.run(round, firstPauseMs);
  }

  /**
   * Begins rounds about every `intervalMs`: half of it to one and a half, at random, so that instances that started together
   * do not work together.
   * @param intervalMs - 0: never
   * @param round - handles its own errors
   */
  startAboutEvery(intervalMs: number, round: () => Promise<unknown>): void {
    if (intervalMs === 0) return;
    const pauseMs = (): number => intervalMs * (0.5 + Math.random());
    this.start(async () => {
      await round();
      return pauseMs();
    }, pauseMs());
  }

  /** Begins the next round without waiting for the end of the pause. A wake-up during a round is not lost. */
  wake(): void {
    this.isAwake = true;
    this.endPause();
  }

  /** For a pause within a round: ends early when the loop is stopped. */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.signal }).catch(() => undefined);
  }

  /** No further round begins. */
  requestStop(): void {
    this.stopping.abort();
    this.wake();
  }

  /** Resolves when the last round has ended, or after `timeoutMs`. Never rejects. */
  async stop(timeoutMs: number): Promise<void> {
    this.requestStop();
    if (this.running) await waitAtMost(this.running, timeoutMs);
  }

  private async run(round: () => Promise<number>, firstPauseMs: number): Promise<void> {
    if (firstPauseMs > 0) await this.sleep(firstPauseMs);
    while (!this.signal.aborted) {
      // Renewed before the round, so that a wake-up while it runs ends the pause after it.
      this.isAwake = false;
      const pauseMs = await round();
      if (pauseMs > 0) await this.sleep(pauseMs);
    }
  }

  private async sleep(ms: number): Promise<void> {
    if (this.isAwake) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
