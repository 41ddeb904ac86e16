import { describe, expect, it } from '@jest/globals';
import { StackError } from '../stack/stack-error.js';
import { parseOptions } from './chaos-options.js';
import { WORKLOAD_NAMES } from './workloads.js';

const seed = (): number => 42;

describe('parseOptions', () => {
  it('has defaults, and a seed of its own', () => {
    expect(parseOptions([], seed)).toEqual({
      minutes: 10,
      seed: 42,
      of: ['banks'],
      transport: 'grpc',
      seata: undefined,
      report: undefined,
      previous: undefined,
    });
  });

  it('takes what is given', () => {
    const given = ['--minutes', '2.5', '--seed=7', '--transport', 'mixed', '--report', '/tmp/chaos.json'];
    expect(parseOptions(given, seed)).toMatchObject({
      minutes: 2.5,
      seed: 7,
      transport: 'mixed',
      report: '/tmp/chaos.json',
    });
  });

  it('takes the services of all workloads together', () => {
    expect(parseOptions(['--of', 'all'], seed).of).toEqual(WORKLOAD_NAMES);
  });

  it('has the coordinator that services need, and the one that is asked for', () => {
    expect(parseOptions(['--of', 'all'], seed).seata).toBe('1.8.0');
    expect(parseOptions(['--of', 'seata', '--seata', '2.0.0-db'], seed).seata).toBe('2.0.0-db');
  });

  it.each([
    ['--minutes', '0'],
    ['--minutes', 'ten'],
    ['--minutes', '1e2'],
    ['--of', 'shops'],
    ['--transport', 'http'],
    ['--seed', '-1'],
    ['--seed', '4294967296'],
    ['--speed', '1'],
    ['--seata', '1.8.0'],
    ['--of=seata', '--seata=2.0.0'],
    ['--previous', '/tmp'],
    ['10'],
  ])('refuses %s %s and says what it wants', (...parameters) => {
    const parse = (): unknown => parseOptions(parameters, seed);
    expect(parse).toThrow(StackError);
    expect(parse).toThrow(/npm run chaos/);
  });
});
