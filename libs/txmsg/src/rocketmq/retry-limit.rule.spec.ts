import { describe, expect, it } from '@jest/globals';
import { retryLimitProblem } from './retry-limit.rule.js';

describe('the retry limit of a consumer group', () => {
  it.each([
    [17, 16],
    [1_000_000, 999_999],
    [0, -1],
    [-2_147_483_648, 2_147_483_647],
  ])('is refused when the proxy allows %i deliveries', (attemptsMax, limit) => {
    expect(retryLimitProblem('g', attemptsMax)).toContain(`"g" has the retry limit ${limit},`);
  });

  it.each([1_000_001, 100_000_001, 2_147_483_647, undefined])(
    'is accepted when it allows %p',
    (attemptsMax) => {
      expect(retryLimitProblem('g', attemptsMax)).toBeUndefined();
    },
  );
});
