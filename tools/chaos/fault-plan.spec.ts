import { describe, expect, it } from '@jest/globals';
import { instancesOf, planFaults, SERVER_TARGETS, type PlannedFault } from './fault-plan.js';

const INSTANCES = instancesOf(['bank1', 'bank2']);
const WITHOUT_COORDINATOR = SERVER_TARGETS.filter((name) => name !== 'seata');
const plan = (seed: number, minutes: number, servers = SERVER_TARGETS.slice()): PlannedFault[] =>
  planFaults(seed, minutes, INSTANCES, servers);

describe('planFaults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(plan(1, 10)).toEqual(plan(1, 10));
    expect(plan(1, 10)).not.toEqual(plan(2, 10));
  });

  it.each([1, 2, 3, 4, 2024])('seed %i: reaches every target and deletes the store once', (seed) => {
    for (const servers of [SERVER_TARGETS.slice(), WITHOUT_COORDINATOR]) {
      const faults = plan(seed, 10, servers);
      expect(faults.length).toBeGreaterThanOrEqual(75);
      expect(new Set(faults.map(({ target }) => target))).toEqual(new Set([...INSTANCES, ...servers]));
      expect(faults.filter(({ kind }) => kind === 'wipe')).toHaveLength(1);
      expect(Math.max(...faults.map(({ forMs }) => forMs))).toBeLessThanOrEqual(30_000);
    }
  });

  it('begins them in order, within the time of the run', () => {
    const times = plan(7, 2).map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(120_000);
  });

  it('deletes the store also in the shortest run', () => {
    expect(plan(3, 0.5).filter(({ kind }) => kind === 'wipe')).toHaveLength(1);
  });
});
