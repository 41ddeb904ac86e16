import { describe, expect, it } from '@jest/globals';
import { BANK_TARGETS, planFaults, SERVER_TARGETS } from './fault-plan.js';

describe('planFaults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planFaults(1, 10)).toEqual(planFaults(1, 10));
    expect(planFaults(1, 10)).not.toEqual(planFaults(2, 10));
  });

  it.each([1, 2, 3, 4, 2024])('seed %i: reaches every target and deletes the store once', (seed) => {
    const plan = planFaults(seed, 10);
    expect(plan.length).toBeGreaterThanOrEqual(75);
    expect(new Set(plan.map(({ target }) => target))).toEqual(new Set([...BANK_TARGETS, ...SERVER_TARGETS]));
    expect(plan.filter(({ kind }) => kind === 'wipe')).toHaveLength(1);
    expect(Math.max(...plan.map(({ forMs }) => forMs))).toBeLessThanOrEqual(30_000);
  });

  it('begins them in order, within the time of the run', () => {
    const times = planFaults(7, 2).map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(120_000);
  });

  it('deletes the store also in the shortest run', () => {
    expect(planFaults(3, 0.5).filter(({ kind }) => kind === 'wipe')).toHaveLength(1);
  });
});
