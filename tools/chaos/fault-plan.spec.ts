import { describe, expect, it } from '@jest/globals';
import { instancesOf, planFaults, SERVER_TARGETS } from './fault-plan.js';

const INSTANCES = instancesOf(['bank1', 'bank2']);

describe('planFaults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planFaults(1, 10, INSTANCES)).toEqual(planFaults(1, 10, INSTANCES));
    expect(planFaults(1, 10, INSTANCES)).not.toEqual(planFaults(2, 10, INSTANCES));
  });

  it.each([1, 2, 3, 4, 2024])('seed %i: reaches every target and deletes the store once', (seed) => {
    const plan = planFaults(seed, 10, INSTANCES);
    expect(plan.length).toBeGreaterThanOrEqual(75);
    expect(new Set(plan.map(({ target }) => target))).toEqual(new Set([...INSTANCES, ...SERVER_TARGETS]));
    expect(plan.filter(({ kind }) => kind === 'wipe')).toHaveLength(1);
    expect(Math.max(...plan.map(({ forMs }) => forMs))).toBeLessThanOrEqual(30_000);
  });

  it('begins them in order, within the time of the run', () => {
    const times = planFaults(7, 2, INSTANCES).map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(120_000);
  });

  it('deletes the store also in the shortest run', () => {
    expect(planFaults(3, 0.5, INSTANCES).filter(({ kind }) => kind === 'wipe')).toHaveLength(1);
  });
});
