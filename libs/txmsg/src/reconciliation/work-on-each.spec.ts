import { describe, expect, it } from '@jest/globals';
import { workOnEach } from './work-on-each.js';

describe('workOnEach', () => {
  it('works on as many at once as it may, and on each once', async () => {
    let running = 0;
    let runningMax = 0;
    const { signal } = new AbortController();
    const outcomes = await workOnEach([1, 2, 3, 4, 5], { atOnceMax: 2, signal }, async (item) => {
      runningMax = Math.max(runningMax, ++running);
      await Promise.resolve();
      running--;
      return item * 10;
    });
    expect(outcomes.sort()).toEqual([10, 20, 30, 40, 50]);
    expect(runningMax).toBe(2);
  });

  it('does not let one that hangs keep the others waiting', async () => {
    const begun: number[] = [];
    const { signal } = new AbortController();
    const hanging = new Promise<void>(() => undefined);
    const others = new Promise<void>((resolve) => {
      void workOnEach([1, 2, 3], { atOnceMax: 2, signal }, async (item) => {
        begun.push(item);
        if (item === 1) await hanging;
        if (item === 3) resolve();
      });
    });
    await others;
    expect(begun).toEqual([1, 2, 3]);
  });

  it('begins with no further one when it is to stop, and finishes what has begun', async () => {
    const stopping = new AbortController();
    const outcomes = await workOnEach(
      ['a', 'b', 'c'],
      { atOnceMax: 1, signal: stopping.signal },
      async (item) => {
        stopping.abort();
        await Promise.resolve();
        return item;
      },
    );
    expect(outcomes).toEqual(['a']);
  });
});
