import { describe, expect, it, jest } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { ServiceSettings } from '../configuration/service-settings.js';
import { shutdownPhases } from '../configuration/shutdown-phases.js';
import { PeriodicWork, type Rounds } from './periodic-work.js';

const settings = { shutdownTimeoutMs: 200 } as ServiceSettings;

class Counting extends PeriodicWork {
  begun = 0;
  readonly failures: unknown[] = [];

  constructor(
    rounds: Rounds,
    private readonly work: (round: number) => Promise<void> = () => Promise.resolve(),
  ) {
    super(rounds, settings);
  }

  protected async round(): Promise<void> {
    await this.work(++this.begun);
  }

  protected roundFailed(error: unknown): void {
    this.failures.push(error);
  }

  async stop(): Promise<void> {
    this.onModuleDestroy();
    await this.beforeApplicationShutdown();
  }
}

describe('periodic work', () => {
  it('goes on after a round that failed, which is told', async () => {
    const failure = new Error('away');
    const work = new Counting({ intervalMs: 1 }, (round) =>
      round === 1 ? Promise.reject(failure) : Promise.resolve(),
    );
    work.onApplicationBootstrap();
    await eventually(() => work.begun >= 3);
    await work.stop();
    expect(work.failures).toEqual([failure]);
  });

  it('begins its first round when it is told to, whatever the pause between rounds', async () => {
    const work = new Counting({ intervalMs: 86_400_000, firstAfterMs: 1 });
    work.onApplicationBootstrap();
    await eventually(() => work.begun === 1);
    await work.stop();
    expect(work.begun).toBe(1);
  });

  it('has no rounds when the interval is 0', async () => {
    const work = new Counting({ intervalMs: 0, firstAfterMs: 0 });
    work.onApplicationBootstrap();
    await work.stop();
    expect(work.begun).toBe(0);
  });

  it('waits for the round that runs when the service ends, and begins no other', async () => {
    let end: () => void = () => undefined;
    const work = new Counting(
      { intervalMs: 1 },
      () =>
        new Promise((resolve) => {
          end = resolve;
        }),
    );
    work.onApplicationBootstrap();
    await eventually(() => work.begun === 1);
    const stopped = work.stop();
    end();
    await stopped;
    expect(work.begun).toBe(1);
  });

  it('lets the service end although a round hangs', async () => {
    const work = new Counting({ intervalMs: 1 }, () => new Promise(() => undefined));
    work.onApplicationBootstrap();
    await eventually(() => work.begun === 1);
    await expect(work.stop()).resolves.toBeUndefined();
  });

  it('waits for a round that hangs from the signal on, whenever its turn to end comes', async () => {
    jest.useFakeTimers();
    try {
      const work = new Counting({ intervalMs: 1 }, () => new Promise(() => undefined));
      work.onApplicationBootstrap();
      await jest.advanceTimersByTimeAsync(1);
      expect(work.begun).toBe(1);
      work.onModuleDestroy();
      await jest.advanceTimersByTimeAsync(shutdownPhases(settings).workEndsMs);
      let isOver = false;
      void work.beforeApplicationShutdown().then(() => (isOver = true));
      await jest.advanceTimersByTimeAsync(0);
      expect(isOver).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });
});
