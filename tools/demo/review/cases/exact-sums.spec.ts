import { describe, expect, it } from '@jest/globals';
import { MONTHS } from '../review-context.js';
import { isExact, type Investor } from './exact-sums.js';

const exact: Investor = {
  investorNo: 'investor-1',
  bid: '10000.01',
  due: '10700.01',
  instalments: MONTHS,
  numbers: MONTHS,
  principal: '10000.01',
  interest: '10700.01',
};

describe('the instalments of an investor', () => {
  it('are exact when each is there once, and both sums are', () => {
    expect(isExact(exact)).toBe(true);
  });

  it.each<[string, Partial<Investor>]>([
    ['one is missing', { instalments: MONTHS - 1, numbers: MONTHS - 1 }],
    ['one is there twice', { instalments: MONTHS + 1 }],
    ['one is there twice in the place of another', { numbers: MONTHS - 1 }],
    ['a cent of the principal is missing', { principal: '10000.00' }],
    ['there is a cent of interest too much', { interest: '10700.02' }],
  ])('are not when %s', (_what, changes) => {
    expect(isExact({ ...exact, ...changes })).toBe(false);
  });
});
