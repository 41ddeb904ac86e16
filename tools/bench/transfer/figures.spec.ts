import { describe, expect, it } from '@jest/globals';
import { quantile, ratios, spreadOf } from './figures.js';

describe('figures', () => {
  it('finds quantiles of sorted values', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)]).toEqual([51, 100, 100]);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('gives the middle of an odd and of an even number of values', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ min: 1, median: 2, max: 3 });
    expect(spreadOf([4, 1, 2, 3])).toEqual({ min: 1, median: 2.5, max: 4 });
  });

  it('leaves out what could not be measured', () => {
    expect(spreadOf([NaN, 5])).toEqual({ min: 5, median: 5, max: 5 });
  });

  it('divides pair by pair', () => {
    expect(ratios([2, 8, 30], [1, 2, 10])).toEqual({ min: 2, median: 3, max: 4 });
  });
});
