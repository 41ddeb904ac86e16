import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LADDER_SECONDS } from '../webhooks.options.js';
import { verdictOf, type Verdict } from './ladder.js';

const START = new Date('2026-01-31T08:00:00.123Z');
const after = (seconds: number): Date => new Date(START.getTime() + seconds * 1000);
const NO_JITTER = { pausesSeconds: DEFAULT_LADDER_SECONDS, jitter: 0 };
const OPTIONS = { retryAfterMaxMs: 3_600_000, random: () => 0.5 };
const REFUSED = { outcome: 'REFUSED', retryAfter: undefined } as const;

const pending = (seconds: number): Verdict => ({ state: 'PENDING', dueAt: after(seconds) });

describe('the ladder', () => {
  it('is 1, 5, 10, 30 minutes and 1, 2, 5, 10 hours from each call, to the millisecond, and then over', () => {
    const verdicts = Array.from({ length: 9 }, (_, index) =>
      verdictOf(REFUSED, { calls: index + 1, callTime: START, now: after(15) }, NO_JITTER, OPTIONS),
    );
    const seconds = [60, 300, 600, 1800, 3600, 7200, 18_000, 36_000];
    expect(verdicts).toEqual([...seconds.map(pending), { state: 'GIVEN_UP', reason: 'LADDER_OVER' }]);
  });

  it('is left by an acknowledgement, and by 410', () => {
    const moment = { calls: 1, callTime: START, now: START };
    const left = (outcome: 'ACKNOWLEDGED' | 'GONE'): Verdict =>
      verdictOf({ ...REFUSED, outcome }, moment, NO_JITTER, OPTIONS);
    expect(left('ACKNOWLEDGED')).toEqual({ state: 'ACKNOWLEDGED' });
    expect(left('GONE')).toEqual({ state: 'GIVEN_UP', reason: 'GONE' });
  });

  it.each([
    [0, 54],
    [0.5, 60],
    [0.999_999, 66],
  ])('makes a pause longer or shorter by jitter: %d', (random, seconds) => {
    const ladder = { ...NO_JITTER, jitter: 0.1 };
    const verdict = verdictOf(REFUSED, { calls: 1, callTime: START, now: START }, ladder, {
      ...OPTIONS,
      random: () => random,
    });
    expect(verdict).toEqual(pending(seconds));
  });

  it('waits for longer when the receiver asks for it, up to the bound, and never for less', () => {
    const moment = { calls: 1, callTime: START, now: after(10) };
    const asked = (retryAfter: string): Verdict =>
      verdictOf({ ...REFUSED, retryAfter }, moment, NO_JITTER, OPTIONS);
    expect(asked('120')).toEqual(pending(130));
    expect(asked('1')).toEqual(pending(60));
    expect(asked('999999')).toEqual(pending(3610));
    expect(asked('soon')).toEqual(pending(60));
  });
});
