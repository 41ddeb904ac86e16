import { describe, expect, it } from '@jest/globals';
import { backOff, ladder } from './pause.js';

describe('a back-off', () => {
  it('doubles up to its longest pause, and never gives up', () => {
    const pause = backOff(1000, 10_000);
    expect([0, 1, 2, 3, 4, 1_000_000].map((times) => pause(times))).toEqual(
      [1000, 2000, 4000, 8000, 10_000, 10_000].map((ms) => ({ ms })),
    );
  });
});

describe('a ladder', () => {
  it('has its pauses in turn; the round after the last one is the last, however often a crash repeats it', () => {
    const pause = ladder([60_000, 300_000]);
    expect([0, 1, 2, 3].map((times) => pause(times))).toEqual([
      { ms: 60_000, isLast: false },
      { ms: 300_000, isLast: false },
      { ms: 300_000, isLast: true },
      { ms: 300_000, isLast: true },
    ]);
  });

  it('is refused without a pause', () => {
    expect(() => ladder([])).toThrow('a ladder has at least one pause');
  });
});
