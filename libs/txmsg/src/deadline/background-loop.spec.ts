import { describe, expect, it } from '@jest/globals';
import { BackgroundLoop } from './background-loop.js';

const LONG_MS = 3_600_000;

describe('BackgroundLoop', () => {
  it('repeats the round without a pause until it is stopped', async () => {
    const loop = new BackgroundLoop();
    let rounds = 0;
    await new Promise<void>((resolve) => {
      loop.start(async () => {
        await Promise.resolve();
        rounds += 1;
        if (rounds === 3) resolve();
        return rounds < 3 ? 0 : LONG_MS;
      });
    });
    await loop.stop(LONG_MS);
    expect(rounds).toBe(3);
  });

  it('repeats rounds about every so many ms, and none at all when that is 0', async () => {
    const never = new BackgroundLoop();
    never.startAboutEvery(0, () => Promise.reject(new Error('no round was expected')));
    never.wake();
    await never.stop(LONG_MS);
    const loop = new BackgroundLoop();
    let rounds = 0;
    await new Promise<void>((resolve) => {
      loop.startAboutEvery(2, () => {
        rounds += 1;
        if (rounds === 3) resolve();
        return Promise.resolve();
      });
    });
    await loop.stop(LONG_MS);
    expect(rounds).toBeGreaterThanOrEqual(3);
  });

  it('begins the next round at once when it is woken, also by a wake-up during a round', async () => {
    const loop = new BackgroundLoop();
    let rounds = 0;
    await new Promise<void>((resolve) => {
      loop.start(() => {
        rounds += 1;
        if (rounds === 1) loop.wake();
        else resolve();
        return Promise.resolve(LONG_MS);
      });
    });
    await loop.stop(LONG_MS);
    expect(rounds).toBe(2);
  });

  it('ends its first pause without a round when it is stopped, and does not start again', async () => {
    const loop = new BackgroundLoop();
    const round = (): Promise<number> => Promise.reject(new Error('no round was expected'));
    loop.start(round, LONG_MS);
    await loop.stop(LONG_MS);
    loop.start(round);
    expect(loop.signal.aborted).toBe(true);
  });

  it('lets go of a round that hangs', async () => {
    const loop = new BackgroundLoop();
    loop.start(() => new Promise(() => undefined));
    await loop.stop(10);
    expect(loop.signal.aborted).toBe(true);
  });
});
