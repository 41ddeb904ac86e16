import { describe, expect, it } from '@jest/globals';
import { knowledgeOf, untruthTold, type Sent } from './calls.js';

const told = (statuses: (number | undefined)[], isAskedAtRest = false): Sent => ({
  txNo: 't',
  statuses,
  isAskedAtRest,
});

describe('knowledgeOf', () => {
  it.each([
    ['ACCEPTED', [201]],
    ['ACCEPTED', [undefined, 503, 200]],
    ['REFUSED', [422]],
    ['REFUSED', [503, 422]],
    ['NOTHING_DONE', [503, 503]],
    ['UNKNOWN', [202]],
    ['UNKNOWN', [undefined]],
    ['UNKNOWN', [503, 202, 503]],
  ] as const)('is %s after %j', (knowledge, statuses) => {
    expect(knowledgeOf(told([...statuses]))).toBe(knowledge);
  });

  it('takes a refusal for the last word only when no earlier call can still be under way', () => {
    expect(knowledgeOf(told([undefined, 422]))).toBe('UNKNOWN');
    expect(knowledgeOf(told([undefined, 422], true))).toBe('REFUSED');
  });
});

describe('untruthTold', () => {
  it.each([
    [[201], true],
    [[undefined, 503, 200], true],
    [[422], false],
    [[503, 503], false],
  ] as const)('is content with %j when it was done: %s', (statuses, isDone) => {
    expect(untruthTold(told([...statuses]), isDone)).toBeUndefined();
    expect(untruthTold(told([...statuses]), !isDone)).toMatch(/^t was answered /);
  });

  it('is never content with what nobody can tell about', () => {
    for (const isDone of [true, false]) expect(untruthTold(told([202]), isDone)).toMatch(/cannot be learnt/);
  });
});
