import { describe, expect, it } from '@jest/globals';
import { BackOff } from './back-off.js';

describe('the pauses between tries', () => {
  it('double up to the longest, and begin again after a success', () => {
    const backOff = new BackOff(100, 1000, () => 0);
    expect(Array.from({ length: 6 }, () => backOff.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
    backOff.reset();
    expect(backOff.next()).toBe(100);
  });

  it('are shortened at random, never to less than a half', () => {
    expect(new BackOff(100, 1000, () => 0.999).next()).toBe(51);
  });

  it('stay finite after any number of failures', () => {
    const backOff = new BackOff(1, 1000, () => 0);
    for (let failures = 0; failures < 2000; failures += 1) backOff.next();
    expect(backOff.next()).toBe(1000);
  });
});
